#include "spool.hpp"

namespace sluice::pdf {
namespace {

constexpr std::size_t piece = 256 * 1024;

failure no_room() {
    return failure(SLUICE_UNAVAILABLE, "the machine has no room for a temporary file");
}

}  // namespace

spool::spool() : file_(std::tmpfile()) {
    if (!file_) throw no_room();
}

int spool::descriptor() const noexcept { return ::fileno(file_.get()); }

bool spool::write(const unsigned char* bytes, std::size_t count) noexcept {
    return std::fwrite(bytes, 1, count, file_.get()) == count;
}

task<void> spool::fill(blob source) {
    for (std::uint64_t offset = 0;;) {
        const std::string bytes = co_await source.read(offset, piece);
        if (bytes.empty()) break;
        if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
            throw no_room();
        }
        offset += bytes.size();
    }
    if (std::fflush(file_.get()) != 0) throw no_room();
}

task<json> spool::to_blob(const context& ctx, std::string content_type) {
    if (std::fflush(file_.get()) != 0) throw no_room();
    std::rewind(file_.get());
    const blob target = ctx.create_blob(std::move(content_type));
    std::string bytes(piece, '\0');
    for (;;) {
        bytes.resize(piece);
        const std::size_t count = std::fread(bytes.data(), 1, piece, file_.get());
        if (count == 0) break;
        bytes.resize(count);
        co_await target.write(bytes);
    }
    if (std::ferror(file_.get()) != 0) {
        throw failure(SLUICE_UNAVAILABLE, "a temporary file cannot be read");
    }
    target.seal();
    co_return target.reference();
}

}  // namespace sluice::pdf
