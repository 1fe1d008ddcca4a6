#include "net/local_channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <vector>

#include "base/panic.hpp"
#include "base/thread.hpp"

namespace sluice::net {

using base::file_descriptor;

base::result<std::pair<file_descriptor, file_descriptor>> make_local_pair() {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return base::make_error(
            base::error_code::unavailable,
            "cannot make a pair of sockets: " + std::generic_category().message(errno));
    }
    return std::pair(file_descriptor(ends[0]), file_descriptor(ends[1]));
}

struct local_channel::state {
    file_descriptor end;
    file_descriptor other_process;
    file_descriptor wake;
    const std::size_t waiting_limit;
    const events handlers;
    std::mutex mutex;
    std::condition_variable nothing_waits;
    std::string waiting;   // bytes that the socket did not take at once
    std::size_t sent = 0;  // of them
    // Nobody reads any more. What the other end sent before is still to be received.
    bool write_broken = false;
    bool stopping = false;
    bool silent = false;  // no more events
    base::thread runner;

    state(file_descriptor given, file_descriptor other, std::size_t limit, events on)
        : end(std::move(given)),
          other_process(std::move(other)),
          wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          waiting_limit(limit),
          handlers(std::move(on)) {
        if (!wake.is_open()) base::panic("no eventfd for a channel");
        const int flags = ::fcntl(end.get(), F_GETFL);
        ::fcntl(end.get(), F_SETFL, flags | O_NONBLOCK);
    }

    void call() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t ignored = ::write(wake.get(), &one, sizeof one);
    }

    // Under the mutex. How many of the bytes were taken; the rest waits.
    std::size_t try_send(std::string_view bytes) {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t took =
                ::send(end.get(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (took > 0) {
                done += static_cast<std::size_t>(took);
            } else if (took < 0 && errno == EINTR) {
                continue;
            } else {
                write_broken = errno != EAGAIN && errno != EWOULDBLOCK;
                break;
            }
        }
        return done;
    }

    void send(std::string_view bytes) {
        const std::lock_guard lock(mutex);
        if (stopping || write_broken) return;
        if (waiting.empty()) bytes.remove_prefix(try_send(bytes));
        if (bytes.empty() || write_broken) return;
        waiting.append(bytes);
        if (waiting.size() - sent > waiting_limit) stopping = true;
        call();
    }

    void flush() {
        std::unique_lock lock(mutex);
        nothing_waits.wait(lock, [this] { return waiting.empty() || stopping; });
    }

    void send_waiting() {
        const std::lock_guard lock(mutex);
        sent += try_send(std::string_view(waiting).substr(sent));
        if (sent == waiting.size() || write_broken) {
            waiting.clear();
            sent = 0;
            nothing_waits.notify_all();
        } else if (sent > (1u << 20)) {
            waiting.erase(0, std::exchange(sent, 0));
        }
    }

    // False: the other end is gone.
    bool receive(std::string& buffer) {
        for (;;) {
            const ssize_t got = ::recv(end.get(), buffer.data(), buffer.size(), 0);
            if (got > 0) {
                handlers.received(
                    std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
                if (static_cast<std::size_t>(got) < buffer.size()) return true;
                continue;
            }
            if (got < 0 && errno == EINTR) continue;
            return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        }
    }

    void run() {
        std::string buffer(256u << 10, '\0');
        for (;;) {
            short wanted = POLLIN;
            {
                const std::lock_guard lock(mutex);
                if (stopping) break;
                if (!waiting.empty()) wanted |= POLLOUT;
            }
            std::array<pollfd, 3> files = {pollfd{end.get(), wanted, 0},
                                           pollfd{wake.get(), POLLIN, 0},
                                           pollfd{other_process.get(), POLLIN, 0}};
            if (::poll(files.data(), files.size(), -1) < 0 && errno != EINTR) break;
            if (files[1].revents != 0) {
                std::uint64_t count = 0;
                [[maybe_unused]] const ssize_t ignored = ::read(wake.get(), &count, sizeof count);
            }
            if ((files[0].revents & POLLOUT) != 0) send_waiting();
            if ((files[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive(buffer)) break;
            if (files[2].revents != 0) {
                receive(buffer);  // all of it: nothing comes behind
                break;
            }
        }
        {
            const std::lock_guard lock(mutex);
            stopping = true;
            nothing_waits.notify_all();
            if (silent) return;
        }
        handlers.ended();
    }
};

local_channel::local_channel(file_descriptor end, std::string name, std::size_t waiting_limit,
                             events handlers, file_descriptor other_process)
    : state_(std::make_unique<state>(std::move(end), std::move(other_process), waiting_limit,
                                     std::move(handlers))) {
    state_->runner = base::thread(std::move(name), [own = state_.get()] { own->run(); });
}

local_channel::~local_channel() { close(); }

void local_channel::close() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->silent = true;
    }
    state_->call();
    state_->runner.join();
}

void local_channel::send(std::string_view bytes) { state_->send(bytes); }

void local_channel::flush() { state_->flush(); }

void local_channel::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->call();
}

}  // namespace sluice::net
