#include "engine/commands/terminal_size.h"

#include "engine/base/span.h"

#include <stdlib.h>
#include <sys/ioctl.h>

size_t weir_terminal_columns(int fd)
{
    struct winsize size = {0};
    uint64_t columns = 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    bool is_given = weir_span_to_u64(weir_span_of(getenv("COLUMNS")), &columns);
    return is_given && columns < 10000 ? columns : 0;
}
