#include "plugin/last_words.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/encoding.hpp"
#include "base/log.hpp"

namespace sluice::plugin {

namespace {

constexpr std::size_t line_limit = 16u << 10;
constexpr std::size_t kept = 64u << 10;
// A secret that was cut in two is not found any more: a line is cut only once it is free of
// secrets, and no nearer to its end than this, where one may have begun that goes on. Keys of
// several lines are known by each long one.
constexpr std::size_t longest_secret = 16u << 10;
static_assert(kept >= longest_secret);

// A message crosses JSON: whatever is not UTF-8 there becomes a question mark. After redact(),
// which does not know such a text again.
std::string as_text(std::string bytes) {
    if (base::is_valid_utf8(bytes)) return bytes;
    for (char& each : bytes) {
        if ((static_cast<unsigned char>(each) & 0x80) != 0) each = '?';
    }
    return bytes;
}

// Where the next character begins.
std::size_t character_from(std::string_view text, std::size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80)
        ++at;
    return at;
}

// The end of a text, from the beginning of a character on.
void cut_to_end(std::string& text, std::size_t size) {
    if (text.size() > size) text.erase(0, character_from(text, text.size() - size));
}

}  // namespace

last_words::last_words(std::string who, std::shared_ptr<log_budget> budget)
    : who_(std::move(who)), budget_(std::move(budget)) {}

last_words::~last_words() {
    stop_.write.close();
    reader_.join();
}

base::result<int> last_words::open() {
    auto pipe = base::make_pipe();
    if (!pipe) return pipe.error_value();
    auto stop = base::make_pipe();
    if (!stop) return stop.error_value();
    pipe_ = std::move(*pipe);
    stop_ = std::move(*stop);
    return pipe_.write.get();
}

void last_words::child_started() {
    pipe_.write.close();
    reader_ = base::thread("last-words", [this] { read(); });
}

void last_words::read() {
    for (bool more = true; more;) {
        std::array<pollfd, 2> files = {pollfd{pipe_.read.get(), POLLIN, 0},
                                       pollfd{stop_.read.get(), POLLIN, 0}};
        if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR) break;
        // Somebody may still hold the other end: then what was written by now is all.
        if (files[1].revents != 0) more = false;
        if (!read_what_is_there()) break;
    }
    write_line();
}

// False at the end. No more than a pipe holds: a process that is left over may write for ever.
bool last_words::read_what_is_there() {
    std::array<char, 4096> block{};
    for (int blocks = 0; blocks < 256; ++blocks) {
        const ssize_t got = ::read(pipe_.read.get(), block.data(), block.size());
        if (got > 0) {
            keep({block.data(), static_cast<std::size_t>(got)});
        } else if (got == 0 || errno != EINTR) {
            return got < 0 && errno == EAGAIN;
        }
    }
    return true;
}

void last_words::keep(std::string_view bytes) {
    {
        const std::lock_guard lock(mutex_);
        tail_ += bytes;
        if (tail_.size() > 2 * kept) {
            tail_ = base::redact(std::move(tail_));
            cut_to_end(tail_, kept);
        }
    }
    for (const char each : bytes) {
        if (each == '\n') write_line();
        if (each != '\n') line_ += each;
        if (line_.size() >= line_limit + longest_secret) write_beginning();
    }
}

void last_words::write_line() {
    if (!line_.empty()) write(base::redact(std::exchange(line_, {})));
}

// Of a line that is too long for one entry.
void last_words::write_beginning() {
    line_ = base::redact(std::move(line_));
    if (line_.size() <= longest_secret) return;  // it was nothing but secrets
    const std::size_t end = character_from(line_, line_.size() - longest_secret);
    write(line_.substr(0, end));
    line_.erase(0, end);
}

void last_words::write(std::string redacted) {
    constexpr auto level = base::log_level::info;
    if (!budget_->allows(level, redacted.size())) return;
    base::log(level, as_text(std::move(redacted)), {{"connector", who_}, {"stream", "stderr"}});
}

std::string last_words::take() {
    stop_.write.close();
    reader_.join();
    const std::lock_guard lock(mutex_);
    std::string text = as_text(base::redact(tail_));
    cut_to_end(text, limit);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

}  // namespace sluice::plugin
