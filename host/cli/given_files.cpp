#include "cli/given_files.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_descriptor.hpp"

namespace sluice::cli {
namespace {

constexpr std::size_t piece_bytes = 256u << 10;

base::error cannot_read(const std::string& name, const std::string& path, const std::string& why) {
    return base::make_error(base::error_code::invalid_input,
                            "--file " + name + ": cannot read " + path + ": " + why);
}

base::result<json::value> copy(const std::string& name, const std::string& path,
                               plugin::blob& into) {
    const auto failed = [&] {
        return cannot_read(name, path, std::generic_category().message(errno));
    };
    // A pipe that nobody writes to would wait at the opening.
    const base::file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) return failed();
    struct stat facts = {};
    if (::fstat(file.get(), &facts) != 0) return failed();
    // A handle has a size from the start, and a pipe has none to read from any place.
    if (!S_ISREG(facts.st_mode)) return cannot_read(name, path, "it is no file");
    std::string piece(piece_bytes, '\0');
    for (std::uint64_t at = 0;;) {
        const base::result<std::size_t> got =
            plugin::read_at(file.get(), piece.data(), piece.size(), at);
        if (!got) return cannot_read(name, path, got.error_value().message);
        if (*got == 0) break;
        base::result<void> kept = into.append({piece.data(), *got});
        if (!kept) return kept.error_value();
        at += *got;
    }
    into.seal();
    return into.to_json();
}

}  // namespace

base::result<given_files> given_files::read(const std::vector<std::string>& texts,
                                            plugin::blob_registry& into,
                                            store::event_id execution) {
    given_files out;
    for (const std::string& one : texts) {
        const std::size_t mark = one.find('=');
        if (mark == std::string::npos || mark == 0 || mark + 1 == one.size()) {
            return base::make_error(base::error_code::invalid_input,
                                    "--file: \"" + one + "\" is not NAME=PATH",
                                    "write --file orders=may.csv, and {\"$blob\": \"orders\"} "
                                    "where the flow gets the file");
        }
        std::string name = one.substr(0, mark);
        if (out.files_.contains(name)) {
            return base::make_error(base::error_code::invalid_input,
                                    "--file: the name \"" + name + "\" is there twice");
        }
        base::result<json::value> handle =
            copy(name, one.substr(mark + 1), *into.create(execution, "application/octet-stream"));
        if (!handle) return std::move(handle).error_value();
        out.files_.emplace(std::move(name), given{std::move(*handle)});
    }
    return out;
}

json::value given_files::put_into(const json::value& from) {
    if (from.is_array()) {
        json::value out = json::value::array();
        for (const json::value& each : from.items())
            out.push(put_into(each));
        return out;
    }
    if (!from.is_object()) return from;
    json::value out = json::value::object();
    for (const auto& [name, content] : from.members())
        out.set(name, put_into(content));
    const json::value& name = from.get("$blob");
    const auto found = name.is_string() ? files_.find(name.as_string()) : files_.end();
    if (found == files_.end()) return out;
    found->second.used = true;
    for (const auto& [key, content] : found->second.handle.members()) {
        if (key != "contentType" || !out.get(key).is_string()) out.set(key, content);
    }
    return out;
}

std::vector<std::string> given_files::unused() const {
    std::vector<std::string> out;
    for (const auto& [name, file] : files_) {
        if (!file.used) out.push_back(name);
    }
    return out;
}

}  // namespace sluice::cli
