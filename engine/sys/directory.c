#include "engine/sys/directory.h"

#include "engine/base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_one(const char *path, struct weir_error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST || errno == EISDIR) {
        return true;
    }
    return weir_error_set(err,
                          "can't make the directory %s: %s; make it for this user, or name another",
                          path, strerror(errno));
}

static bool make_parents(const char *path, struct weir_error *err)
{
    WEIR_AUTO(weir_free_at) char *part = weir_strdup(path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (!make_one(part, err)) {
            return false;
        }
        *slash = '/';
    }
    return true;
}

bool weir_directory_make(const char *path, struct weir_error *err)
{
    struct stat found;
    if (path[0] == '\0') {
        return weir_error_set(err, "no directory is named");
    }
    if (stat(path, &found) != 0 && (!make_parents(path, err) || !make_one(path, err))) {
        return false;
    }
    if (stat(path, &found) == 0 && !S_ISDIR(found.st_mode)) {
        return weir_error_set(err, "%s is not a directory", path);
    }
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        return weir_error_set(err, "can't write to the directory %s: %s; give it to this user",
                              path, strerror(errno));
    }
    return true;
}

bool weir_directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool done = fsync(fd) == 0;
    close(fd);
    return done;
}
