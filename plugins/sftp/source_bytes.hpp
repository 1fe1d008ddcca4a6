// What an action is to write: the input's "text", or the file of "file".
#pragma once

#include <sluice/connector.hpp>
#include <string>

namespace sluice::sftp {

class source_bytes {
  public:
    // SLUICE_INVALID_INPUT unless there is exactly one of both.
    source_bytes(const context& ctx, const json& input) {
        const bool has_text = !input["text"].is_null();
        if (has_text == !input["file"].is_null()) {
            throw failure(SLUICE_INVALID_INPUT, "the input needs 'text' or 'file', and not both");
        }
        if (!has_text) {
            file_ = ctx.find_blob(required_object(input, "file"));
            return;
        }
        if (!input["text"].is_string()) detail::refuse_input(input, "text", "a string");
        text_ = input["text"].as_string();
    }

    bool is_file() const noexcept { return static_cast<bool>(file_); }
    std::uint64_t size() const { return is_file() ? file_.size() : text_.size(); }
    const blob& file() const noexcept { return file_; }
    const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
    blob file_;
};

}  // namespace sluice::sftp
