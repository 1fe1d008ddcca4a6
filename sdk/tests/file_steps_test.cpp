// Files put aside with their reasons, among others that do the same, and ended anywhere.
#include "sluice/file_steps.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>

namespace {

using sluice::json;

struct ended : std::runtime_error {
    ended() : std::runtime_error("the process ends here") {}
};

// Files in memory. `before` is called before each change, and may throw.
class memory_store final : public sluice::file_store {
  public:
    std::map<std::string, std::string> files;
    std::function<void()> before = [] {};

    std::optional<sluice::stored_file> find(const std::string& path) override {
        const auto found = files.find(path);
        if (found == files.end()) return std::nullopt;
        sluice::stored_file out;
        out.is_file = true;
        out.size = found->second.size();
        return out;
    }
    bool rename(const std::string& from, const std::string& to) override {
        before();
        if (files.contains(to)) return false;
        files[to] = files.at(from);
        files.erase(from);
        return true;
    }
    void replace(const std::string& from, const std::string& to) override {
        before();
        files[to] = files.at(from);
        files.erase(from);
    }
    void make_folders(const std::string&) override {}
    void write(const std::string& path, std::string_view text) override {
        before();
        files[path] = text;
    }
};

json fail(memory_store& store, const std::string& hash) {
    sluice::movement wanted;
    wanted.from = "processing/" + hash + "-a.csv";
    wanted.to = "failed/a.csv";
    wanted.overwrite = sluice::overwrite_policy::keep_both;
    wanted.hash = hash;
    return sluice::fail_file(store, wanted, "failed", json("reason of " + hash));
}

void expect_own_reason(memory_store& store, const json& failed, const std::string& hash) {
    EXPECT_EQ(store.files[failed.get_or("path", "")], "file of " + hash);
    EXPECT_EQ(store.files[failed.get_or("reasonPath", "")], "reason of " + hash + "\n");
}

TEST(file_steps, two_files_of_one_name_that_fail_at_once_keep_their_own_reasons) {
    for (int at = 1; at <= 3; ++at) {
        SCOPED_TRACE("the other one comes before change " + std::to_string(at));
        memory_store store;
        store.files = {{"processing/one-a.csv", "file of one"},
                       {"processing/two-a.csv", "file of two"}};
        json other;
        int changes = 0;
        store.before = [&] {
            if (++changes == at) other = fail(store, "two");
        };
        const json failed = fail(store, "one");
        expect_own_reason(store, failed, "one");
        expect_own_reason(store, other, "two");
        EXPECT_EQ(store.files.size(), 4u);
    }
}

TEST(file_steps, a_failure_that_is_ended_anywhere_is_completed_by_its_repetition) {
    for (const bool another : {false, true}) {
        int at = 1;
        for (bool was_ended = true; was_ended; ++at) {
            SCOPED_TRACE("ended before change " + std::to_string(at));
            memory_store store;
            store.files = {{"processing/one-a.csv", "file of one"}};
            if (another) store.files["failed/a.csv"] = "of yesterday";
            int changes = 0;
            store.before = [&] {
                if (++changes == at) throw ended();
            };
            was_ended = false;
            try {
                fail(store, "one");
            } catch (const ended&) {
                was_ended = true;
            }
            store.before = [] {};
            for (int i = 0; i < 2; ++i)
                expect_own_reason(store, fail(store, "one"), "one");
            EXPECT_EQ(store.files.size(), another ? 3u : 2u);
        }
        EXPECT_GT(at, 3);
    }
}

}  // namespace
