// A text that nobody may see: it cannot be printed or copied by accident, and is wiped at its end.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace sluice::base {

class secret {
  public:
    secret() = default;
    // Takes the text over; what the caller's string held is wiped.
    explicit secret(std::string&& text);
    static secret copy_of(std::string_view text);

    secret(secret&& other) noexcept;
    secret& operator=(secret&& other) noexcept;
    secret(const secret&) = delete;
    secret& operator=(const secret&) = delete;
    ~secret();

    // The text itself; valid as long as this object. Whoever asks answers for where it goes.
    std::string_view reveal() const { return text_; }
    bool empty() const { return text_.empty(); }

    friend std::ostream& operator<<(std::ostream&, const secret&) = delete;

  private:
    std::string text_;
};

// Overwrites what the string holds, its unused capacity too, and empties it.
void wipe(std::string& text);

}  // namespace sluice::base
