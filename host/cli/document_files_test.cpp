#include "cli/document_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/base_testing.hpp"

namespace sluice::cli {
namespace {

class document_files_test : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = folder_.path() / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
    std::vector<std::string> names(const std::vector<std::string>& named) {
        std::vector<std::string> out;
        const auto found = document_files(named);
        if (!found) return {found.error_value().message};
        for (const instance::document& one : *found)
            out.push_back(std::filesystem::relative(one.name, folder_.path()).string());
        return out;
    }

    base::temporary_folder folder_;
};

TEST_F(document_files_test, finds_what_is_below_a_folder_and_what_a_pattern_means) {
    const std::string instance = "instance: a\ncustomer: a\nintegration: t/o\n";
    write("flow/integration.yaml", "integration: { namespace: t, name: o, version: 1.0.0 }\n");
    write("flow/instances/b.yaml", instance);
    write("flow/instances/a.yaml", instance);
    write("flow/instances/notes.txt", "not this one");
    write("flow/other.yaml", "something: else\n");
    write("flow/tests/t.yaml", instance);
    using texts = std::vector<std::string>;
    write("broken/a.yaml", "instance: [\n");
    EXPECT_EQ(names({path("broken")}), texts{"broken/a.yaml"}) << "its author wants to know";
    EXPECT_EQ(names({path("flow")}),
              (texts{"flow/instances/a.yaml", "flow/instances/b.yaml", "flow/integration.yaml"}));
    EXPECT_EQ(names({path("*/instances/[b].yaml"), path("flow/instances/b.yaml")}),
              texts{"flow/instances/b.yaml"})
        << "each once";
    EXPECT_EQ(names({path("flow/missing.yaml")})[0],
              "there is no file " + path("flow/missing.yaml"));
    EXPECT_EQ(names({path("flow/tests")}), texts{"flow/tests/t.yaml"}) << "it was named";
}

TEST_F(document_files_test, relative_paths_become_absolute_in_their_places) {
    const std::string start =
        "instance: a\ncustomer: a\nintegration: t/o\nconfig:\n  one: { $file: keys/one.txt }\n"
        "  two: { $file: \"../two.txt\" } # a comment\n  three:\n    $file: 'three.txt'\n";
    const auto file = write("flow/a.yaml", start + "  four: { $file: /etc/four }\n");
    const auto read = document_files({file.string()});
    ASSERT_TRUE(read) << read.error_value().to_text();
    const std::string folder = std::filesystem::weakly_canonical(folder_.path()).string();
    EXPECT_EQ(read->at(0).text,
              "instance: a\ncustomer: a\nintegration: t/o\nconfig:\n  one: { $file: \"" + folder +
                  "/flow/keys/one.txt\" }\n  two: { $file: \"" + folder +
                  "/two.txt\" } # a comment\n  three:\n    $file: \"" + folder +
                  "/flow/three.txt\"\n  four: { $file: /etc/four }\n");
    const auto json = write("b.json", R"({"instance":"b","customer":"b","integration":"t/o",
"config":{"one":{"$file":"one.txt"}}})");
    const auto second = document_files({json.string()});
    ASSERT_TRUE(second) << second.error_value().to_text();
    EXPECT_NE(second->at(0).text.find("{\"$file\":\"" + folder + "/one.txt\"}"), std::string::npos)
        << second->at(0).text;
}

TEST_F(document_files_test, customers_and_the_organization_are_meant_too) {
    write(
        "all/acme.yaml",
        "customer: acme\nconnections:\n  crm: { connector: c, type: t, key: { $file: k.txt } }\n");
    write("all/organization.yaml", "organization: { title: Example }\n");
    EXPECT_EQ(names({path("all")}),
              (std::vector<std::string>{"all/acme.yaml", "all/organization.yaml"}));
    write("all/samples/organization.json",
          R"({"action":"created","organization":{"login":"o"},"sender":{}})");
    write("all/samples/order.json", R"({"customer":{"id":1},"lines":[]})");
    EXPECT_EQ(names({path("all")}).size(), 2u) << "events of third parties are none";
    write("all/globex.yaml", "customer: globex\ntitel: Globex\n");
    EXPECT_EQ(names({path("all")}).size(), 3u) << "its author wants to know what is mistyped";
    const auto read = document_files({path("all/acme.yaml")});
    ASSERT_TRUE(read) << read.error_value().to_text();
    const std::string folder = std::filesystem::weakly_canonical(folder_.path()).string();
    EXPECT_NE(read->at(0).text.find("key: { $file: \"" + folder + "/all/k.txt\" }"),
              std::string::npos)
        << read->at(0).text;
}

TEST_F(document_files_test, what_is_wrong_is_sent_as_it_is) {
    const instance::document wrong{"a.yaml", "instance: [\n"};
    const auto text = with_absolute_paths(wrong);
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, wrong.text);
}

}  // namespace
}  // namespace sluice::cli
