// A nameless file on disk between blobs and a library that wants a file: it is gone with its last
// descriptor, also when the process is killed. It lies where TMPDIR says, else in /tmp: a connector
// in a process of its own may write to no other folder. For blocking actions.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "sluice/context.hpp"

namespace sluice {
inline namespace sdk {

class temporary_file {
  public:
    // SLUICE_UNAVAILABLE when the machine has no room for it.
    temporary_file() : file_(make()) {
        if (!file_) throw no_room();
    }
    // With the bytes of a blob.
    explicit temporary_file(const blob& source) : temporary_file() {
        for (std::uint64_t offset = 0;;) {
            const std::string bytes = source.read_wait(offset, piece);
            if (bytes.empty()) break;
            if (!write(bytes.data(), bytes.size())) throw no_room();
            offset += bytes.size();
        }
        flush();
    }

    int descriptor() const noexcept { return ::fileno(file_.get()); }
    std::FILE* stream() const noexcept { return file_.get(); }
    // Appends. False: the disk is full or fails.
    bool write(const void* bytes, std::size_t count) noexcept {
        return std::fwrite(bytes, 1, count, file_.get()) == count;
    }
    void flush() {
        if (std::fflush(file_.get()) != 0) throw no_room();
    }
    // Bytes in it, after a flush.
    std::uint64_t size() const noexcept {
        struct ::stat about {};
        return ::fstat(descriptor(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
    }

    // A new sealed blob with what is in here; its reference for the output.
    json to_blob(const context& ctx, std::string content_type) {
        flush();
        std::rewind(file_.get());
        const blob target = ctx.create_blob(std::move(content_type));
        std::string bytes(piece, '\0');
        while (const std::size_t count = std::fread(bytes.data(), 1, piece, file_.get()))
            target.write_wait(std::string_view(bytes).substr(0, count));
        if (std::ferror(file_.get()) != 0) {
            throw failure(SLUICE_UNAVAILABLE, "a temporary file cannot be read");
        }
        target.seal();
        return target.reference();
    }

  private:
    static constexpr std::size_t piece = 256 * 1024;
    static failure no_room() {
        return failure(SLUICE_UNAVAILABLE, "the machine has no room for a temporary file");
    }
    static std::FILE* make() {
        std::error_code why;
        std::string path = std::filesystem::temp_directory_path(why) / "sluice-XXXXXX";
        if (why) return nullptr;
        const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
        if (descriptor < 0) return nullptr;
        ::unlink(path.c_str());
        std::FILE* const file = ::fdopen(descriptor, "w+b");
        if (file == nullptr) ::close(descriptor);
        return file;
    }
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace sdk
}  // namespace sluice
