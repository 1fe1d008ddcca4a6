// Resuming, redriving many, logs and findings through the API.
#include <gtest/gtest.h>

#include "api/api_testing.hpp"
#include "base/ids.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

struct operate : ::testing::Test {
    // An execution of "accept" that fails because the connector does.
    store::event_id failed(const std::string& instance = "acme-1") {
        world.calls.on("app.save", {{"", base::error_code::invalid_input, 422}});
        return world.ended(instance);
    }
    void mend() { world.calls.on("app.save", {{R"({"n":1})"}}); }
    api_world::answer resume(store::event_id id, const std::string& token,
                             const std::string& body = {}) {
        return world.ask("POST", "/executions/" + base::execution_id_text(id) + "/resume", token,
                         body);
    }
    api_world world;
};

TEST_F(operate, a_failed_execution_is_resumed_once) {
    const store::event_id id = failed();
    mend();
    const std::string token = world.token({scope::operate});
    const auto told = resume(id, token);
    EXPECT_EQ(told.status, 202) << json::to_text(told.body);
    EXPECT_EQ(told.body.string_or("execution", ""), base::execution_id_text(id));
    world.turn_until([&] { return store::is_terminal(world.execution(id).summary.state); });
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.execution(id).attempts.size(), 1u);
    EXPECT_EQ(resume(id, token).status, 409);
}

TEST_F(operate, resuming_needs_the_scope_and_the_tenant) {
    const store::event_id id = failed();
    EXPECT_EQ(resume(id, world.token({scope::read})).status, 403);
    EXPECT_EQ(resume(id, world.token({scope::operate}, "other-1")).status, 404);
    EXPECT_EQ(resume(id, world.token({scope::operate}), R"({"version":"old"})").status, 400);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::failed);
}

TEST_F(operate, dead_ones_are_listed_until_they_are_taken_up_again) {
    const store::event_id first = failed();
    const store::event_id second = failed();
    const std::string token = world.token({scope::read, scope::operate});
    const auto dead = [&] {
        return world.ask("GET", "/executions?dead=true", token).body.get("items").size();
    };
    EXPECT_EQ(dead(), 2u);
    mend();
    ASSERT_EQ(resume(first, token).status, 202);
    world.turn_until([&] { return store::is_terminal(world.execution(first).summary.state); });
    EXPECT_EQ(dead(), 1u);
    ASSERT_EQ(world.ask("POST", "/executions/" + base::execution_id_text(second) + "/replay", token)
                  .status,
              202);
    EXPECT_EQ(dead(), 0u);
}

TEST_F(operate, many_are_redriven_at_the_rate_that_was_asked_for_and_only_own_ones) {
    const store::event_id first = failed();
    const store::event_id second = failed("acme-2");
    const store::event_id other = failed("other-1");
    mend();
    const std::string token = world.token({scope::read, scope::operate}, {}, "acme");
    const auto dry =
        world.ask("POST", "/redrives", token, R"({"action":"resume","dead":true,"dryRun":true})");
    EXPECT_EQ(dry.body.int_or("found", 0), 2);
    EXPECT_EQ(dry.body.get("executions").at(0).as_string(), base::execution_id_text(first));
    const auto begun =
        world.ask("POST", "/redrives", token, R"({"action":"resume","dead":true,"rate":2})");
    ASSERT_EQ(begun.status, 202) << json::to_text(begun.body);
    const std::string path = "/redrives/" + begun.body.string_or("id", "");
    world.turn_until([&] { return store::is_terminal(world.execution(first).summary.state); });
    EXPECT_EQ(world.execution(second).summary.state, store::event_state::failed)
        << "half a second has to pass";
    world.loop.advance_ms(500);
    world.turn_until([&] { return store::is_terminal(world.execution(second).summary.state); });
    api_world::answer done;
    world.turn_until([&] {
        done = world.ask("GET", path, token);
        return done.body.string_or("state", "") == "done";
    });
    EXPECT_EQ(done.body.int_or("done", 0), 2);
    EXPECT_EQ(world.execution(other).summary.state, store::event_state::failed);
    EXPECT_EQ(world.ask("GET", path, world.token({scope::read}, "other-1")).status, 404);
}

TEST_F(operate, what_was_logged_about_an_execution_is_kept_with_it_and_shown_to_its_tenant_alone) {
    const store::event_id id = failed();
    base::log_entry entry;
    entry.level = base::log_level::warning;
    entry.unix_ms = world.clock.unix_ms();
    entry.message = "said by a connector";
    entry.fields = {{"execution", base::execution_id_text(id)},
                    {"instance", "acme-1"},
                    {"flow", "accept"},
                    {"connector", "app 1.0.0"}};
    world.api->logs().note(entry);
    const std::string path = "/executions/" + base::execution_id_text(id) + "/logs";
    json::value items;
    world.turn_until([&] {
        items = world.ask("GET", path, world.token({scope::read})).body.get("items");
        return items.size() > 0;
    });
    EXPECT_EQ(items.at(0).string_or("level", ""), "warning");
    EXPECT_NE(items.at(0).string_or("message", "").find("said by a connector"), std::string::npos);
    const auto lines = [&](const std::string& token, const std::string& query) {
        return world.ask("GET", "/logs?" + query, token).body.get("items").size();
    };
    EXPECT_EQ(lines(world.token({scope::read}, "acme-1"), "level=warning"), 1u);
    EXPECT_EQ(lines(world.token({scope::read}, "acme-1"), "level=error"), 0u);
    EXPECT_EQ(lines(world.token({scope::read}, "other-1"), ""), 0u);
}

TEST_F(operate, the_doctor_names_what_failed_and_says_what_to_do) {
    const auto healthy = world.ask("GET", "/doctor", world.token({scope::read}));
    EXPECT_EQ(healthy.status, 200);
    failed();
    const auto told = world.ask("GET", "/doctor", world.token({scope::read}));
    EXPECT_FALSE(told.body.bool_or("healthy", true));
    const std::string text = json::to_text(told.body);
    EXPECT_NE(text.find("1 execution of acme-1/accept failed"), std::string::npos) << text;
    EXPECT_NE(text.find("sluice dead redrive --instance acme-1"), std::string::npos);
    EXPECT_EQ(world.ask("GET", "/doctor", world.token({scope::read}, "acme-1")).status, 403);
}

TEST_F(operate, what_is_raised_is_listed_with_what_to_do_for_its_tenant_alone) {
    const auto list = [this](const std::string& token, const std::string& query = {}) {
        return world.ask("GET", "/alerts" + query, token);
    };
    const std::string everyone = world.token({scope::read});
    EXPECT_EQ(list(everyone).body.get("items").size(), 0u);
    failed();
    const std::string second = base::execution_id_text(failed());
    failed("other-1");
    const json::value all = list(everyone).body;
    ASSERT_EQ(all.get("items").size(), 2u) << json::to_text(all);
    EXPECT_TRUE(all.get("next").is_null());
    const json::value& one = all.get("items").at(0);
    EXPECT_EQ(one.string_or("alert", ""), "broken");
    EXPECT_EQ(one.string_or("kind", ""), "failure");
    EXPECT_EQ(one.string_or("instance", ""), "acme-1");
    EXPECT_EQ(one.string_or("customer", ""), "acme");
    EXPECT_EQ(one.string_or("integration", ""), "test/hooks");
    EXPECT_EQ(one.string_or("version", ""), "1.2.0");
    EXPECT_EQ(one.string_or("flow", ""), "accept");
    EXPECT_EQ(one.string_or("execution", ""), second);
    EXPECT_EQ(one.int_or("count", 0), 2);
    EXPECT_EQ(one.get("error").int_or("status", 0), 422);
    EXPECT_NE(one.string_or("what", "").find("accept of acme-1 has failed 2 times since"),
              std::string::npos);
    EXPECT_NE(one.string_or("advice", "").find("sluice execution resume " + second),
              std::string::npos);

    const auto instances = [&](const api_world::answer& page) {
        std::string names;
        const json::value items = page.body.get("items");
        for (const json::value& item : items.items())
            names += item.string_or("instance", "?") + ' ';
        return names;
    };
    EXPECT_EQ(instances(list(world.token({scope::read}, "acme-1"))), "acme-1 ");
    EXPECT_EQ(instances(list(world.token({scope::read}, "acme-2"))), "");
    EXPECT_EQ(instances(list(world.token({scope::read}, {}, "other"))), "other-1 ");
    EXPECT_EQ(instances(list(world.token({scope::read}, {}, "other"), "?instance=acme-1")), "");
    EXPECT_EQ(instances(list(everyone, "?customer=other")), "other-1 ");
    const api_world::answer page = list(everyone, "?limit=1");
    EXPECT_EQ(instances(page), "acme-1 ");
    EXPECT_EQ(instances(list(everyone, "?cursor=" + page.body.string_or("next", "?"))), "other-1 ");
    EXPECT_EQ(list(everyone, "?customers=acme").status, 400);

    const std::string doctor = json::to_text(world.ask("GET", "/doctor", everyone).body);
    EXPECT_NE(doctor.find("alert broken: accept of acme-1 has failed 2 times"), std::string::npos)
        << doctor;
    mend();
    world.ended("acme-1");
    EXPECT_EQ(instances(list(everyone)), "other-1 ");
}

}  // namespace
}  // namespace sluice::api
