// What an action works on when it takes a file or text: the input's `file` or its `text`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/blob.hpp"
#include "sluice/context.hpp"
#include "sluice/failure.hpp"
#include "sluice/json.hpp"
#include "sluice/task.hpp"

namespace sluice {
inline namespace sdk {

// Borrows the text from the input, which lives as long as the call.
class content {
  public:
    explicit content(blob file) : file_(std::move(file)) {}
    explicit content(std::string_view text) : text_(text) {}

    // SLUICE_INVALID_INPUT unless the input has exactly one of `file` and `text`.
    static content of(const context& ctx, const json& input) {
        const json& file = input["file"];
        const json& text = input["text"];
        if (file.is_null() == text.is_null()) {
            throw failure(SLUICE_INVALID_INPUT,
                          "the input needs a 'file' or a 'text', one of them");
        }
        if (!file.is_null()) return content(ctx.find_blob(file));
        if (!text.is_string()) throw failure(SLUICE_INVALID_INPUT, "'text' must be a string");
        return content(std::string_view(text.as_string()));
    }

    std::uint64_t size() const { return file_ ? file_.size() : text_.size(); }

    // Up to n bytes from the offset; nothing at the end.
    task<std::string> read(std::uint64_t offset, std::size_t n) const {
        if (!file_) co_return part_of_text(offset, n);
        co_return co_await file_.read(offset, n);
    }
    // The same for blocking actions (never in a coroutine: it would wait for itself).
    std::string read_wait(std::uint64_t offset, std::size_t n) const {
        return file_ ? file_.read_wait(offset, n) : part_of_text(offset, n);
    }

  private:
    std::string part_of_text(std::uint64_t offset, std::size_t n) const {
        const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, text_.size()));
        return std::string(text_.substr(from, n));
    }

    blob file_;
    std::string_view text_;
};

}  // namespace sdk
}  // namespace sluice
