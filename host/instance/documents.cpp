#include "instance/documents.hpp"

#include <utility>

#include "base/file.hpp"
#include "instance/fingerprint.hpp"
#include "manifest/instance_reader.hpp"
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
    explicit reading(file_references files) : files_(files) {}

    void read(const document& one) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_text(one.text, one.name);
        if (!kind) return out.problems.push_back(kind.error_value());
        *kind == manifest::file_kind::instance ? read_instance(one) : read_integration(one);
    }

    read_documents out;

  private:
    void read_integration(const document& one) {
        auto loaded = manifest::parse_integration(one.text, one.name);
        append(out.problems, std::move(loaded.problems));
        append(out.warnings, std::move(loaded.warnings));
        if (!loaded.content) return;
        std::string id = loaded.content->id;
        auto made = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        if (out.integrations.emplace(id, std::move(made)).second) return;
        base::error twice = base::make_error(
            base::error_code::conflict, "there are two integrations \"" + id + "\"",
            "apply one file for each, or give one of them another name");
        twice.where = base::source_position{one.name, 0, 0};
        out.problems.push_back(std::move(twice));
    }

    void read_instance(const document& one) {
        auto loaded = manifest::parse_instance(one.text, one.name);
        append(out.problems, std::move(loaded.problems));
        append(out.warnings, std::move(loaded.warnings));
        if (!loaded.content) return;
        manifest::instance_file& file = *loaded.content;
        if (files_ == file_references::beside_the_document) {
            const std::filesystem::path folder = std::filesystem::path(one.name).parent_path();
            file.document = with_absolute_files(file.document, folder);
        } else if (!has_absolute_paths(file)) {
            return;
        }
        out.instances.push_back(std::move(file));
    }

    bool has_absolute_paths(const manifest::instance_file& file) {
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
};

}  // namespace

read_documents read(const std::vector<document>& documents, file_references files) {
    reading work(files);
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
