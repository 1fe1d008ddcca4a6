#include "cli/document_files.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "json/text.hpp"
#include "manifest/applied_file.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest = 1u << 20;

base::error not_there(const std::string& name) {
    return base::make_error(base::error_code::not_found, "there is no file " + name,
                            "name files, folders or patterns such as 'flows/*/instances/*.yaml'");
}

std::vector<fs::path> matches_of(const std::string& pattern) {
    std::vector<fs::path> out;
    glob_t found = {};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
        for (std::size_t i = 0; i < found.gl_pathc; ++i)
            out.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    return out;
}

// What cannot be read as YAML is meant, too: the host says what is wrong with it.
bool is_meant(const fs::path& file) {
    const std::string extension = file.extension();
    if (extension != ".yaml" && extension != ".yml" && extension != ".json") return false;
    const auto kind = manifest::kind_of_file(file);
    const auto content = manifest::read_plain(file);
    if (!kind || !content) return !content;
    if (*kind == manifest::file_kind::owner) return manifest::is_like_owner(*content);
    return *kind != manifest::file_kind::plain;
}

base::result<void> add_folder(const fs::path& folder, std::vector<fs::path>& to) {
    std::error_code failed;
    std::vector<fs::path> found;
    fs::recursive_directory_iterator each(folder, failed);
    for (; !failed && each != fs::recursive_directory_iterator(); each.increment(failed)) {
        std::error_code unknown;
        if (each->is_directory(unknown)) {
            if (each->path().filename() == "tests") each.disable_recursion_pending();
        } else if (is_meant(each->path())) {
            found.push_back(each->path());
        }
    }
    if (failed) {
        return base::make_error(
            base::error_code::unavailable,
            "the folder " + folder.string() + " cannot be read: " + failed.message());
    }
    std::sort(found.begin(), found.end());
    to.insert(to.end(), found.begin(), found.end());
    return {};
}

// Nothing: it has no references, or the host will say what is wrong with it.
std::optional<manifest::applied_file> file_of(const instance::document& one) {
    const auto kind = manifest::kind_of_text(one.text, one.name);
    if (!kind) return std::nullopt;
    if (*kind == manifest::file_kind::instance) {
        auto read = manifest::parse_instance(one.text, one.name);
        if (read.content) return std::move(*read.content);
    } else if (*kind == manifest::file_kind::owner) {
        auto read = manifest::parse_owner(one.text, one.name);
        if (read.content) return std::move(*read.content);
    }
    return std::nullopt;
}

// Where line and column of a text are in it.
std::size_t offset_of(std::string_view text, const base::source_position& place) {
    std::size_t at = 0;
    for (int line = 1; line < place.line && at != std::string_view::npos; ++line) {
        at = text.find('\n', at);
        if (at != std::string_view::npos) ++at;
    }
    return at == std::string_view::npos
               ? text.size()
               : at + static_cast<std::size_t>(std::max(place.column, 1) - 1);
}

}  // namespace

base::result<std::vector<instance::document>> document_files(
    const std::vector<std::string>& named) {
    std::vector<fs::path> files;
    for (const std::string& name : named) {
        std::error_code unknown;
        std::vector<fs::path> meant = {name};
        if (!fs::exists(name, unknown)) meant = matches_of(name);
        if (meant.empty()) return not_there(name);
        for (const fs::path& one : meant) {
            if (!fs::is_directory(one, unknown)) {
                files.push_back(one);
            } else if (base::result<void> added = add_folder(one, files); !added) {
                return added.error_value();
            }
        }
    }
    std::vector<instance::document> out;
    std::vector<fs::path> seen;
    for (const fs::path& file : files) {
        std::error_code unknown;
        fs::path full = fs::weakly_canonical(file, unknown);
        if (std::find(seen.begin(), seen.end(), full) != seen.end()) continue;
        seen.push_back(std::move(full));
        base::result<std::string> text = base::read_file(file, largest);
        if (!text) return std::move(text).error_value();
        instance::document one{file.string(), std::move(*text)};
        base::result<std::string> complete = with_absolute_paths(one);
        if (!complete) return std::move(complete).error_value();
        one.text = std::move(*complete);
        out.push_back(std::move(one));
    }
    if (out.empty()) {
        return base::make_error(base::error_code::not_found,
                                "there is no integration, no instance and no customer in what was "
                                "named");
    }
    return out;
}

base::result<std::string> with_absolute_paths(const instance::document& one) {
    if (one.text.find("$file") == std::string::npos) return one.text;
    const std::optional<manifest::applied_file> read = file_of(one);
    if (!read) return one.text;
    struct replacement {
        std::size_t at = 0;
        std::size_t length = 0;
        std::string text;
    };
    std::vector<replacement> all;
    for (const auto& [pointer, reference] : manifest::references_of(read->document)) {
        const json::value* const given = reference.find("$file");
        if (given == nullptr || fs::path(given->as_string()).is_absolute()) continue;
        const std::string& path = given->as_string();
        const auto place = read->positions.find(pointer + "/$file");
        const std::size_t at =
            place == read->positions.end() ? one.text.size() : offset_of(one.text, place->second);
        const std::string_view rest =
            std::string_view(one.text).substr(std::min(at, one.text.size()));
        std::size_t length = 0;
        for (const std::string& form : {path, '"' + path + '"', '\'' + path + '\''}) {
            if (rest.starts_with(form)) length = form.size();
        }
        if (length == 0) {
            return manifest::problem_at(*read, pointer, "this path cannot be made absolute here",
                                        "write it from / on, or without quotes");
        }
        const fs::path folder = fs::absolute(one.name).parent_path();
        const std::string full = fs::weakly_canonical(folder / path).string();
        all.push_back({at, length, json::to_text(json::value(full))});
    }
    std::sort(all.begin(), all.end(),
              [](const replacement& a, const replacement& b) { return a.at > b.at; });
    std::string out = one.text;
    for (const replacement& each : all)
        out.replace(each.at, each.length, each.text);
    return out;
}

}  // namespace sluice::cli
