#include "cli/line_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sluice::cli {
namespace {

// A pipe that can be written to takes so much without waiting (POSIX, PIPE_BUF is at least 512).
constexpr std::size_t safe_piece = 512;
constexpr std::int64_t retry_ms = 200;

bool has_room(int descriptor) {
    pollfd one{descriptor, POLLOUT, 0};
    return poll(&one, 1, 0) == 1;
}

}  // namespace

line_output::~line_output() {
    if (timer_ != 0) loop_.cancel(timer_);
    write_what_fits();
}

void line_output::add(const std::string& line) {
    if (waiting_.size() + line.size() < most_bytes_) {
        keep(line);
    } else {
        ++omitted_;
    }
    write_what_fits();
    plan();
}

void line_output::keep(const std::string& line) {
    if (omitted_ > 0) waiting_ += omission();
    waiting_ += line + '\n';
}

void line_output::write_what_fits() {
    std::size_t done = 0;
    while (done < waiting_.size() && has_room(descriptor_)) {
        const ssize_t written = write(descriptor_, waiting_.data() + done,
                                      std::min(safe_piece, waiting_.size() - done));
        if (written > 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR && errno != EAGAIN) {
            done = waiting_.size();  // nobody will ever read it
        }
    }
    waiting_.erase(0, done);
    if (waiting_.empty() && omitted_ > 0) {
        waiting_ = omission();
        write_what_fits();
    }
}

std::string line_output::omission() {
    const std::string out = "omitted " + std::to_string(omitted_) + '\n';
    omitted_ = 0;
    return out;
}

void line_output::plan() {
    if (waiting_.empty() || timer_ != 0) return;
    timer_ = loop_.run_after(retry_ms, [this] {
        timer_ = 0;
        write_what_fits();
        plan();
    });
}

}  // namespace sluice::cli
