#include "instance/documents.hpp"

#include <algorithm>
#include <utility>

#include "base/file.hpp"
#include "instance/fingerprint.hpp"
#include "instance/owner_id.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

constexpr std::size_t largest = 1u << 20;

void append(std::vector<base::error>& to, std::vector<base::error> more) {
    for (base::error& one : more)
        to.push_back(std::move(one));
}

class reading {
  public:
    reading(file_references files, const manifest::connector_catalog* connectors)
        : files_(files), connectors_(connectors) {}

    void read(const document& one) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_text(one.text, one.name);
        if (!kind) return out.problems.push_back(kind.error_value());
        switch (*kind) {
            case manifest::file_kind::instance:
                return read_instance(one);
            case manifest::file_kind::owner:
                return read_owner(one);
            default:
                return read_integration(one);
        }
    }

    read_documents out;

  private:
    void read_integration(const document& one) {
        auto loaded = manifest::parse_integration(one.text, one.name, connectors_);
        if (!loaded.problems.empty() && connectors_ != nullptr) {
            // What only the connectors that are here make a problem is a warning: others may come.
            std::vector<base::error> with_connectors = std::move(loaded.problems);
            loaded = manifest::parse_integration(one.text, one.name);
            if (loaded.content && knows_all(*loaded.content))
                append(out.warnings, std::move(with_connectors));
        }
        append(out.problems, std::move(loaded.problems));
        append(out.warnings, std::move(loaded.warnings));
        if (!loaded.content) return;
        std::string id = loaded.content->id;
        auto made = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        if (out.integrations.emplace(id, std::move(made)).second) return;
        note_twice(one, "there are two integrations \"" + id + "\"",
                   "apply one file for each, or give one of them another name");
    }

    bool knows_all(const manifest::integration& of) const {
        return std::all_of(of.connectors.begin(), of.connectors.end(), [&](const auto& wanted) {
            return std::any_of(connectors_->begin(), connectors_->end(), [&](const auto& here) {
                return here.id == wanted.first && wanted.second.accepts(here.version);
            });
        });
    }

    void note_twice(const document& one, std::string message, std::string hint) {
        base::error twice =
            base::make_error(base::error_code::conflict, std::move(message), std::move(hint));
        twice.where = base::source_position{one.name, 0, 0};
        out.problems.push_back(std::move(twice));
    }

    void read_instance(const document& one) {
        auto loaded = manifest::parse_instance(one.text, one.name);
        append(out.problems, std::move(loaded.problems));
        append(out.warnings, std::move(loaded.warnings));
        if (!loaded.content) return;
        if (complete(*loaded.content, one)) out.instances.push_back(std::move(*loaded.content));
    }

    void read_owner(const document& one) {
        auto loaded = manifest::parse_owner(one.text, one.name);
        append(out.problems, std::move(loaded.problems));
        append(out.warnings, std::move(loaded.warnings));
        if (!loaded.content || !complete(*loaded.content, one)) return;
        const std::string id = owner_id(*loaded.content);
        if (out.owners.emplace(id, std::move(*loaded.content)).second) return;
        note_twice(one, "there are two files of " + owner_text(id), "put them into one");
    }

    // Its document, so that it means the same without the file; false: it cannot be.
    bool complete(manifest::applied_file& file, const document& one) {
        if (files_ != file_references::beside_the_document) return has_absolute_paths(file);
        const std::filesystem::path folder = std::filesystem::path(one.name).parent_path();
        file.document = with_absolute_files(file.document, folder);
        return true;
    }

    bool has_absolute_paths(const manifest::applied_file& file) {
        bool all = true;
        for (const auto& [pointer, reference] : manifest::references_of(file.document)) {
            const json::value* const path = reference.find("$file");
            if (path == nullptr || std::filesystem::path(path->as_string()).is_absolute()) continue;
            out.problems.push_back(manifest::problem_at(
                file, pointer,
                "the path \"" + path->as_string() + "\" is relative, and nobody knows to what",
                "write the path from / that the file has on the host's machine"));
            all = false;
        }
        return all;
    }

    file_references files_;
    const manifest::connector_catalog* connectors_;
};

}  // namespace

read_documents read(const std::vector<document>& documents, file_references files,
                    const manifest::connector_catalog* connectors) {
    reading work(files, connectors);
    for (const document& one : documents)
        work.read(one);
    return std::move(work.out);
}

std::vector<document> documents_of(const std::vector<std::filesystem::path>& files,
                                   std::vector<base::error>& problems) {
    std::vector<document> out;
    for (const std::filesystem::path& file : files) {
        base::result<std::string> text = base::read_file(file, largest);
        if (text) {
            out.push_back({file.string(), std::move(*text)});
        } else {
            problems.push_back(std::move(text).error_value());
        }
    }
    return out;
}

}  // namespace sluice::instance
