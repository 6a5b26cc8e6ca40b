/** How a connection may act: the keys `budget`, `clears`, `delete_within`, `on_short` and
 * `strikes` of an
 * entry of `rooms`. Private to config. */
#ifndef WEIR_CONFIG_CONFIG_ACTING_H
#define WEIR_CONFIG_CONFIG_ACTING_H

#include "engine/base/yaml.h"
#include "engine/config/config.h"

void weir_config_read_budget(struct weir_config_connection *connection,
                             const struct weir_yaml *value, struct weir_diagnostics *diagnostics);
void weir_config_read_clears(struct weir_config_connection *connection,
                             const struct weir_yaml *value, struct weir_diagnostics *diagnostics);
void weir_config_read_delete_within(struct weir_config_connection *connection,
                                    const struct weir_yaml *value,
                                    struct weir_diagnostics *diagnostics);
void weir_config_read_strikes(struct weir_config_connection *connection,
                              const struct weir_yaml *value, struct weir_diagnostics *diagnostics);
void weir_config_read_on_short(struct weir_config_connection *connection,
                               const struct weir_yaml *value, struct weir_diagnostics *diagnostics);

#endif
