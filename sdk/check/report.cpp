#include "report.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace sluice::checking {
namespace {

// Of each kind, so that warnings never keep a failure out.
constexpr std::size_t most_findings = 20;
constexpr std::size_t longest_doing = std::size_t{16} * 1024;

// Inputs of tests are not always UTF-8, messages of connectors may be anything.
std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    constexpr char digits[] = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out.push_back(c);
        } else {
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

std::string shortened(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return printable(text);
    return printable(text.substr(0, limit)) + " ... (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace

report::report(const std::filesystem::path& folder, std::string_view test)
    : findings_(folder / (std::string(test) + ".findings")),
      doing_file_(open((folder / (std::string(test) + ".doing")).c_str(),
                       O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) {
    if (!findings_ || doing_file_ < 0) throw std::runtime_error("cannot write to the work folder");
}

report::~report() { close(doing_file_); }

void report::doing(std::string_view what) {
    doing_ = shortened(what, longest_doing);
    // One write each: a process that dies in the next moment leaves the whole text behind. The NUL
    // ends what an earlier, longer text has left.
    const ssize_t written = pwrite(doing_file_, doing_.c_str(), doing_.size() + 1, 0);
    if (written < 0) throw std::runtime_error("cannot write to the work folder");
}

void report::fail(std::string_view message, std::string_view next_step) {
    find("failure", failures_, message, next_step);
}

void report::warn(std::string_view message, std::string_view next_step) {
    find("warning", warnings_, message, next_step);
}

void report::left_out(const std::string& what) {
    warn("its time was over, and it left out " + what, "--timeout-s gives it more time.");
}

void report::saw(std::string_view what) { write("saw", what, ""); }

void report::result(std::string_view action, const json& output) {
    findings_ << json{{"kind", "result"}, {"action", action}, {"output", output}, {"doing", doing_}}
                     .dump()
              << std::endl;
}

void report::end() {
    for (const auto& [kind, counted] :
         {std::pair("failure", &failures_), std::pair("warning", &warnings_)}) {
        if (counted->left_out == 0) continue;
        write(kind, "and " + std::to_string(counted->left_out) + " more " + kind + "(s)",
              "Mend those above first, then check again.");
    }
    write("end", "", "");
}

void report::find(std::string_view kind, findings& counted, std::string_view message,
                  std::string_view next_step) {
    if (counted.known.contains(message)) return;
    if (counted.known.size() >= most_findings) {
        ++counted.left_out;
        return;
    }
    counted.known.emplace(message);
    write(kind, message, next_step);
}

void report::write(std::string_view kind, std::string_view message, std::string_view next_step) {
    const json line{{"kind", kind},
                    {"message", shortened(message, 2'000)},
                    {"next", next_step},
                    {"doing", doing_}};
    findings_ << line.dump() << std::endl;
}

}  // namespace sluice::checking
