// The examples in docs/manifest.md and flows/ load, and docs/manifest.schema.json agrees with the
// loader about them and about what is wrong with them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "manifest/document.hpp"
#include "manifest/load.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

const std::filesystem::path root = SLUICE_SOURCE_DIR;

struct example {
    std::string name;
    std::string text;
};

std::string content_of(const std::filesystem::path& file) {
    const auto text = base::read_file(file, 1 << 20);
    EXPECT_TRUE(text) << file;
    return text ? *text : std::string();
}

// The fenced YAML blocks of docs/manifest.md that begin with `first`.
std::vector<example> blocks(std::string_view first) {
    const std::string text = content_of(root / "docs/manifest.md");
    std::vector<example> all;
    std::size_t at = 0;
    while ((at = text.find("```yaml\n", at)) != std::string::npos) {
        at += 8;
        const std::size_t end = text.find("```", at);
        const std::string block = text.substr(at, end - at);
        const auto line = 1 + std::count(text.begin(), text.begin() + at, '\n');
        if (block.starts_with(first)) {
            all.push_back({"manifest.md line " + std::to_string(line), block});
        }
        at = end + 3;
    }
    return all;
}

std::vector<example> manifests() {
    std::vector<example> all = blocks("manifest:");
    for (const auto& each : std::filesystem::directory_iterator(root / "flows")) {
        const std::filesystem::path file = each.path() / "integration.yaml";
        if (std::filesystem::exists(file)) all.push_back({file.string(), content_of(file)});
    }
    return all;
}

const json::schema& the_schema() {
    static const json::schema compiled = [] {
        const auto text = json::parse(content_of(root / "docs/manifest.schema.json"));
        EXPECT_TRUE(text) << text.error_value().to_text();
        auto made = json::schema::compile(*text);
        EXPECT_TRUE(made) << made.error_value().to_text();
        return *made;
    }();
    return compiled;
}

TEST(manifest_docs, examples_load_without_problems) {
    const std::vector<example> all = manifests();
    EXPECT_GE(all.size(), 10u);
    for (const example& each : all)
        EXPECT_EQ(problems_of(each.text), "") << each.name;
}

TEST(manifest_docs, examples_fit_the_schema) {
    for (const example& each : manifests()) {
        const auto read = parse_document(each.text, "m.yaml");
        ASSERT_TRUE(read) << each.name;
        EXPECT_EQ(json::explain(the_schema().validate(read->content)), "") << each.name;
    }
}

TEST(manifest_docs, plain_documents_load) {
    const std::vector<example> all = blocks("document:");
    EXPECT_FALSE(all.empty());
    for (const example& each : all) {
        base::temporary_folder folder;
        const std::filesystem::path file = folder.path() / "plain.yaml";
        ASSERT_TRUE(base::write_file(file, each.text));
        const auto loaded = load_plain(file);
        EXPECT_TRUE(loaded.ok()) << each.name << loaded.problems[0].to_text();
    }
}

// Objects in which every name is allowed: data, not language.
bool is_free(const std::string& pointer) {
    static const std::set<std::string, std::less<>> names = {
        "set",  "body",    "headers",  "query", "parameters", "metadata", "as",
        "from", "default", "document", "input", "data",       "with"};
    std::string rest = pointer;
    while (!rest.empty()) {
        const std::string last = rest.substr(rest.rfind('/') + 1);
        if (names.count(last) > 0) return true;
        rest.resize(rest.rfind('/'));
    }
    return false;
}

// Calls `visit` with a copy for each object of the document that has one member too many.
void each_mutation(const json::value& whole,
                   const std::function<void(const json::value&, const std::string&)>& visit) {
    const std::function<void(const json::value&, const std::string&,
                             const std::function<json::value(json::value)>&)>
        walk = [&](const json::value& at, const std::string& pointer, const auto& rebuild) {
            if (at.is_array()) {
                for (std::size_t i = 0; i < at.size(); ++i) {
                    walk(at.at(i), pointer_to(pointer, i), [&, i](json::value inner) {
                        json::value copy = at;
                        copy.items_for_write()[i] = std::move(inner);
                        return rebuild(std::move(copy));
                    });
                }
            }
            if (!at.is_object()) return;
            if (!is_free(pointer)) {
                json::value wrong = at;
                wrong.set("zzz", 5);
                visit(rebuild(std::move(wrong)), pointer);
            }
            for (const json::member& each : at.members()) {
                walk(each.second, pointer_to(pointer, each.first), [&](json::value inner) {
                    json::value copy = at;
                    copy.set(each.first, std::move(inner));
                    return rebuild(std::move(copy));
                });
            }
        };
    walk(whole, "", [](json::value made) { return made; });
}

TEST(manifest_docs, unknown_keys_are_refused_by_schema_and_loader_alike) {
    int count = 0;
    for (const example& each : manifests()) {
        const auto read = parse_document(each.text, "m.yaml");
        ASSERT_TRUE(read);
        each_mutation(read->content, [&](const json::value& wrong, const std::string& pointer) {
            ++count;
            EXPECT_FALSE(the_schema().validate(wrong).empty()) << each.name << " " << pointer;
            EXPECT_FALSE(parse_integration(json::to_text(wrong), "m.json").ok())
                << each.name << " " << pointer;
        });
    }
    EXPECT_GT(count, 400);
}

}  // namespace
}  // namespace sluice::manifest
