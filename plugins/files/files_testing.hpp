// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sluice/testing/mock_host.hpp>
#include <string>

namespace files::testing {

using sluice::json;
using sluice::testing::call_options;
using sluice::testing::call_result;
using sluice::testing::mock_host;
namespace fs = std::filesystem;

// A folder that goes away, with `root` in it; what is beside the root must not be reached.
class files_test : public ::testing::Test {
  protected:
    files_test() {
        std::string pattern = (fs::temp_directory_path() / "sluice-files-XXXXXX").string();
        outside = ::mkdtemp(pattern.data());
        root = outside / "root";
        fs::create_directory(root);
        put(outside / "secret.txt", "secret");
    }
    ~files_test() override { fs::remove_all(outside); }

    static void put(const fs::path& path, const std::string& bytes) {
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
    }
    static std::string get(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    // Everything below the root, sorted, folders with a slash.
    std::string tree() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            names.push_back(fs::relative(entry.path(), root).string() +
                            (entry.is_directory() ? "/" : ""));
        }
        std::sort(names.begin(), names.end());
        std::string all;
        for (const std::string& name : names)
            all += (all.empty() ? "" : " ") + name;
        return all;
    }
    json connection() const { return json{{"type", "folder"}, {"root", root.string()}}; }
    call_result run(const char* action, const json& input, const std::string& key = "step-1") {
        return host.run(action, input, connection(), {.idempotency_key = key});
    }
    static void set_age(const fs::path& path, std::chrono::seconds age) {
        fs::last_write_time(path, fs::file_time_type::clock::now() - age);
    }

    fs::path outside;
    fs::path root;
    mock_host host{sluice_connector_v1};
};

inline std::string names_of(const call_result& result) {
    if (!result.ok) return result.error.message;
    std::string all;
    for (const json& item : result.output["items"].items())
        all += (all.empty() ? "" : " ") + item.get_or("name", "");
    return all;
}

}  // namespace files::testing
