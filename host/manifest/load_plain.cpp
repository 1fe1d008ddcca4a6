// A document of the specification and those of its folder that it runs, as one integration.
#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <memory>
#include <tuple>
#include <utility>

#include "base/file.hpp"
#include "manifest/integration_reader.hpp"
#include "manifest/load.hpp"
#include "manifest/plain_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest = 1 << 20;
constexpr std::size_t most_files = 1000;

struct neighbour {
    std::unique_ptr<document> source;
    workflow_name name;
    std::string flow;  // empty: nobody runs it so far
};

// Newer versions are greater.
std::array<long, 3> version_numbers(const std::string& text) {
    std::array<long, 3> made{};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (long& number : made) {
        const auto read = std::from_chars(at, end, number);
        if (read.ec != std::errc()) break;
        at = read.ptr != end && *read.ptr == '.' ? read.ptr + 1 : read.ptr;
    }
    return made;
}

class plain_loader {
  public:
    explicit plain_loader(const std::filesystem::path& file) : file_(file) {}

    load_outcome<integration> run() {
        load_outcome<integration> made;
        const base::result<std::string> text = base::read_file(file_, largest);
        base::result<document> source = text ? parse_document(*text, file_.string())
                                             : base::result<document>(text.error_value());
        if (!source) {
            made.problems.push_back(source.error_value());
            return made;
        }
        auto first = std::make_unique<document>(std::move(*source));
        integration_.document = first->content;
        integration_.source = file_.string();
        integration_.hash = content_hash(first->content);
        describe(read_plain_name(first->content));
        take(std::move(first));
        files_[0].flow = files_[0].name.name;
        waiting_.push_back(0);
        while (!waiting_.empty()) {
            const std::size_t next = waiting_.front();
            waiting_.pop_front();
            read(next);
        }
        made.problems = std::move(found_.problems);
        made.warnings = std::move(found_.warnings);
        if (made.problems.empty()) made.content = std::move(integration_);
        return made;
    }

  private:
    void describe(const workflow_name& name) {
        integration_.id = name.space + "/" + name.name;
        integration_.version = name.version;
        integration_.title =
            integration_.document.get("document").string_or("title", integration_.id);
    }

    void take(std::unique_ptr<document> source) {
        workflow_name name = read_plain_name(source->content);
        files_.push_back({std::move(source), std::move(name), {}});
    }

    void read(std::size_t index) {
        reading shared;
        shared.of = &integration_;
        shared.plain = true;
        const std::string space = files_[index].name.space;
        shared.find_workflow = [this, space](const workflow_name& wanted) {
            workflow_name full = wanted;
            if (full.space.empty()) full.space = space;
            return find(full);
        };
        // A copy: reading may find more documents.
        const document& source = *files_[index].source;
        const std::string name = files_[index].flow;
        integration_.flows.push_back(read_plain_flow(cursor(source, found_), name, shared));
        constexpr std::string_view secrets = "secrets/";
        for (const std::string& used : shared.use.used) {
            if (!used.starts_with(secrets)) continue;
            integration_.named_secrets.insert(used.substr(secrets.size()));
        }
    }

    std::optional<std::string> find(const workflow_name& wanted) {
        scan_folder();
        neighbour* best = nullptr;
        for (neighbour& each : files_) {
            if (each.name.space != wanted.space || each.name.name != wanted.name) continue;
            if (!wanted.version.empty() && each.name.version != wanted.version) continue;
            if (best == nullptr ||
                version_numbers(best->name.version) < version_numbers(each.name.version)) {
                best = &each;
            }
        }
        if (best == nullptr) return std::nullopt;
        if (best->flow.empty()) {
            best->flow = unused_name(best->name);
            waiting_.push_back(static_cast<std::size_t>(best - files_.data()));
        }
        return best->flow;
    }

    std::string unused_name(const workflow_name& of) const {
        const bool taken = std::any_of(files_.begin(), files_.end(),
                                       [&](const neighbour& each) { return each.flow == of.name; });
        return taken ? of.space + "/" + of.name + "/" + of.version : of.name;
    }

    // Every other document of the folder; what cannot be read is nobody's target.
    void scan_folder() {
        if (std::exchange(scanned_, true)) return;
        std::filesystem::path folder = file_.parent_path();
        if (folder.empty()) folder = ".";
        std::error_code failed;
        std::vector<std::filesystem::path> paths;
        for (std::filesystem::directory_iterator each(folder, failed), end; !failed && each != end;
             each.increment(failed)) {
            const std::string kind = each->path().extension().string();
            if (kind == ".yaml" || kind == ".yml" || kind == ".json") paths.push_back(each->path());
            if (paths.size() >= most_files) break;
        }
        std::sort(paths.begin(), paths.end());
        for (const std::filesystem::path& path : paths) {
            if (std::filesystem::equivalent(path, file_, failed)) continue;
            const base::result<std::string> text = base::read_file(path, largest);
            if (!text) continue;
            base::result<document> source = parse_document(*text, path.string());
            if (source && !read_plain_name(source->content).name.empty()) {
                take(std::make_unique<document>(std::move(*source)));
            }
        }
    }

    std::filesystem::path file_;
    integration integration_;
    findings found_;
    std::vector<neighbour> files_;
    std::deque<std::size_t> waiting_;
    bool scanned_ = false;
};

}  // namespace

load_outcome<integration> load_plain(const std::filesystem::path& file) {
    load_outcome<integration> made = plain_loader(file).run();
    const auto by_place = [](const base::error& a, const base::error& b) {
        if (!a.where || !b.where) return b.where.has_value();
        return std::tie(a.where->file, a.where->line, a.where->column) <
               std::tie(b.where->file, b.where->line, b.where->column);
    };
    std::stable_sort(made.problems.begin(), made.problems.end(), by_place);
    std::stable_sort(made.warnings.begin(), made.warnings.end(), by_place);
    return made;
}

}  // namespace sluice::manifest
