#include "plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string version_of(plugin_world& world, connector& subject) {
    call_request request;
    request.action = "version";
    request.input_json = "{}";
    return world.call(subject, request).output.string_or("version", "");
}

std::string newest(const plugin_world& world, std::string_view id = "probe") {
    const auto found = world.connectors->find(id);
    return found ? found->description().version.to_text() : "none";
}

}  // namespace

TEST(connector_registry, gives_the_newest_version_that_fits) {
    plugin_world world;
    world.install("probe");
    world.install("probe_next");
    EXPECT_EQ(newest(world), "0.2.0");
    const auto old = world.connectors->find("probe", [](const version& each) {
        return each < version{0, 2, 0};
    });
    ASSERT_TRUE(old);
    EXPECT_EQ(old->name(), "probe 0.1.0");
    EXPECT_FALSE(world.connectors->find("probe", [](const version&) { return false; }));
    EXPECT_FALSE(world.connectors->find("nobody"));
    EXPECT_EQ(world.connectors->all().size(), 2u);
}

TEST(connector_registry, a_newer_version_is_for_new_executions_the_old_one_goes_on) {
    plugin_world world;
    world.install("probe");
    const auto pinned = world.connectors->find("probe");
    EXPECT_EQ(version_of(world, *pinned), "0.1.0");
    world.install("probe_next");
    EXPECT_EQ(version_of(world, *world.connectors->find("probe")), "0.2.0");
    EXPECT_EQ(version_of(world, *pinned), "0.1.0");
    const auto exact = world.connectors->find_exact("probe", {0, 1, 0});
    EXPECT_EQ(exact, pinned);
    EXPECT_FALSE(world.connectors->find_exact("probe", {9, 9, 9}));
}

TEST(connector_registry, a_file_overwritten_by_a_newer_version_leaves_the_old_one_to_its_users) {
    plugin_world world;
    world.install("probe", "probe.so");
    const auto pinned = world.connectors->find("probe");  // not loaded yet
    world.install("probe_next", "probe.so");
    EXPECT_EQ(version_of(world, *world.connectors->find("probe")), "0.2.0");
    EXPECT_EQ(version_of(world, *pinned), "0.1.0");
    EXPECT_EQ(world.connectors->find_exact("probe", {0, 1, 0}), pinned);
}

TEST(connector_registry, writing_into_the_file_does_not_touch_code_that_runs) {
    plugin_world world;
    world.install("probe");
    const auto subject = world.connectors->find("probe");
    EXPECT_EQ(version_of(world, *subject), "0.1.0");
    // What `cp` does: the same inode gets other bytes.
    const auto size = fs::file_size(world.folder() / "probe.so");
    std::ofstream(world.folder() / "probe.so", std::ios::in | std::ios::out)
        << std::string(size, 'x');
    EXPECT_EQ(version_of(world, *subject), "0.1.0");
    ASSERT_TRUE(world.connectors->rescan());
    EXPECT_EQ(world.connectors->refusals().size(), 1u);
    EXPECT_EQ(version_of(world, *subject), "0.1.0");
}

TEST(connector_registry, the_last_good_content_stays_in_use_while_a_file_is_broken) {
    plugin_world world;
    world.install("probe");
    const auto bytes = base::read_file(fixture("probe_next"));
    ASSERT_TRUE(bytes);
    std::ofstream(world.folder() / "probe.so") << bytes->substr(0, bytes->size() / 2);
    ASSERT_TRUE(world.connectors->rescan());
    ASSERT_EQ(world.connectors->refusals().size(), 1u);
    EXPECT_EQ(newest(world), "0.1.0");
    std::ofstream(world.folder() / "probe.so") << *bytes;
    ASSERT_TRUE(world.connectors->rescan());
    EXPECT_EQ(newest(world), "0.2.0");
    EXPECT_TRUE(world.connectors->refusals().empty());
}

TEST(connector_registry, other_content_under_the_same_version_is_used_for_new_calls) {
    plugin_world world;
    world.install("probe", "probe.so");
    const auto before = world.connectors->find("probe");
    (void)version_of(world, *before);
    world.install("probe_twin", "probe.so");
    const auto after = world.connectors->find("probe");
    EXPECT_NE(before, after);
    EXPECT_EQ(version_of(world, *after), "0.1.0");
    EXPECT_EQ(version_of(world, *before), "0.1.0");
}

TEST(connector_registry, a_removed_file_is_gone_for_new_executions_only) {
    plugin_world world;
    world.install("probe");
    const auto pinned = world.connectors->find("probe");
    fs::remove(world.folder() / "probe.so");
    ASSERT_TRUE(world.connectors->rescan());
    EXPECT_EQ(newest(world), "none");
    EXPECT_EQ(world.connectors->find_exact("probe", {0, 1, 0}), pinned);
    EXPECT_EQ(version_of(world, *pinned), "0.1.0");
    world.install("probe");
    EXPECT_EQ(world.connectors->find("probe"), pinned);
}

TEST(connector_registry, a_connector_dropped_in_while_it_runs_is_usable_without_a_restart) {
    plugin_world world;
    world.connectors->watch();
    EXPECT_EQ(newest(world), "none");
    fs::copy_file(fixture("probe"), world.root.path() / "incoming");
    fs::rename(world.root.path() / "incoming", world.folder() / "probe.so");
    ASSERT_TRUE(world.run_until([&] {
        world.loop.advance_ms(1'000);
        return newest(world) == "0.1.0";
    }));
    EXPECT_EQ(version_of(world, *world.connectors->find("probe")), "0.1.0");
    world.connectors->stop_watching();
}

TEST(connector_registry, explains_what_is_missing) {
    plugin_world world;
    world.install("probe");
    world.install("no_descriptor", "salesforce.so");
    EXPECT_THAT(world.connectors->explain_missing("prob").to_text(), HasSubstr("probe"));
    EXPECT_THAT(world.connectors->explain_missing("salesforce").to_text(),
                HasSubstr("no section `sluicemd`"));
    EXPECT_THAT(world.connectors->explain_missing("probe", "^2").to_text(), HasSubstr("0.1.0"));
    EXPECT_THAT(world.connectors->explain_missing("probe", "^2").to_text(), HasSubstr("`^2`"));
}

TEST(connector_registry, shutdown_ends_calls_closes_connectors_and_takes_no_more) {
    plugin_world world;
    world.install("probe");
    bool asked = false;
    probe_code code([](const sluice_host*, sluice_call*, const sluice_request*) {},
                    [&](const sluice_host* host, sluice_call* call) {
                        asked = true;
                        host->complete(call, view("\"stopped\""));
                    });
    const auto subject = world.connectors->find("probe");
    (void)version_of(world, *subject);
    std::optional<call_outcome> outcome;
    call_request request;
    request.action = "run";
    request.input_json = code.input_json();
    subject->start(request, [&](call_outcome got) { outcome = std::move(got); });
    std::optional<std::size_t> left_open;
    world.connectors->shutdown(10'000, [&](std::size_t left) { left_open = left; });
    ASSERT_TRUE(world.run_until([&] { return left_open.has_value(); }));
    EXPECT_EQ(left_open, 0u);
    EXPECT_TRUE(asked);
    ASSERT_TRUE(outcome && outcome->output_json);
    EXPECT_EQ(subject->status(), load_status::closed);
    EXPECT_EQ(version_of(world, *subject), "");
}

TEST(connector_registry, shutdown_says_how_many_connectors_still_run) {
    plugin_world world;
    world.install("probe");
    const sluice_host* host = nullptr;
    sluice_call* open = nullptr;
    probe_code code(
        [&](const sluice_host* given, sluice_call* call, const sluice_request*) {
            host = given;
            open = call;
        },
        [](const sluice_host*, sluice_call*) {});
    const auto subject = world.connectors->find("probe");
    call_request request;
    request.action = "run";
    request.input_json = code.input_json();
    subject->start(request, [](call_outcome) {});
    ASSERT_TRUE(world.run_until([&] { return open != nullptr; }));
    std::optional<std::size_t> left_open;
    world.connectors->shutdown(1, [&](std::size_t left) { left_open = left; });
    world.loop.advance_ms(1);
    ASSERT_TRUE(world.run_until([&] { return left_open.has_value(); }));
    EXPECT_EQ(left_open, 1u);
    host->complete(open, view("null"));
    ASSERT_TRUE(world.run_until([&] { return subject->status() == load_status::closed; }));
}

}  // namespace sluice::plugin
