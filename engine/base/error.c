#include "engine/base/error.h"

#include <stdarg.h>
#include <stdio.h>

static void keep_first(struct weir_error *err, const struct weir_place *place, const char *format,
                       va_list args)
{
    if (err->text[0] != '\0') {
        return;
    }
    if (place) {
        snprintf(err->file, sizeof(err->file), "%s", place->file ? place->file : "");
        err->line = place->line;
        err->column = place->column;
        err->length = place->length;
    }
    vsnprintf(err->text, sizeof(err->text), format, args);
}

bool weir_error_at(struct weir_error *err, const struct weir_place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep_first(err, place, format, args);
    va_end(args);
    return false;
}

bool weir_error_set(struct weir_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep_first(err, NULL, format, args);
    va_end(args);
    return false;
}
