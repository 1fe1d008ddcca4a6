// Temporary files as streams of GMime.
#pragma once

#include <sluice/temporary_file.hpp>

#include "gmime_handles.hpp"

namespace sluice::mail {

// The file from its beginning up to `end` (-1: to its end). It stays open when the stream goes.
inline owned<GMimeStream> stream_of(const temporary_file& file, gint64 end = -1) {
    owned<GMimeStream> stream(g_mime_stream_fs_new_with_bounds(file.descriptor(), 0, end));
    g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream.get()), FALSE);
    return stream;
}

// What `write(stream)` has written, all of it: its result is GMime's, negative when it failed.
// SLUICE_UNAVAILABLE when the disk is full.
template <class Write>
temporary_file written(Write write) {
    temporary_file file;
    const owned<GMimeStream> stream = stream_of(file);
    if (write(stream.get()) < 0 || g_mime_stream_flush(stream.get()) < 0) {
        throw failure(SLUICE_UNAVAILABLE, "the machine has no room for a temporary file");
    }
    return file;
}

}  // namespace sluice::mail
