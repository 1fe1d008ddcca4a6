#include "errors.hpp"

#include <cerrno>
#include <system_error>

namespace files {

namespace {

sluice_code code_of(int error) {
    switch (error) {
        case ENOENT:
            return SLUICE_NOT_FOUND;
        case EEXIST:
        case ENOTEMPTY:
        case ETXTBSY:
            return SLUICE_CONFLICT;
        case EACCES:
        case EPERM:
        case EROFS:
            return SLUICE_AUTH;
        case ENOSPC:
        case EDQUOT:
        case EIO:
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case EAGAIN:
        case ESTALE:
        case EBUSY:
            return SLUICE_UNAVAILABLE;
        default:  // ENOTDIR, EISDIR, ENAMETOOLONG, ELOOP, EXDEV, EFBIG ...
            return SLUICE_INVALID_INPUT;
    }
}

}  // namespace

sluice::failure failure_of(int error, std::string_view what, std::string_view path) {
    std::string message = std::string(what) + " '" + std::string(path) + "': ";
    // Names that a path leads through, or a link in it, would leave the root.
    message += error == EXDEV || error == ELOOP ? "this leads out of the connection's root"
                                                : std::generic_category().message(error);
    return sluice::failure(code_of(error), std::move(message)).details({{"errno", error}});
}

}  // namespace files
