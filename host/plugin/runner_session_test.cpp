// A runner that the test plays: what the host believes of it, and what not.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {
namespace {

struct played_runner : runner_link {
    struct shared {
        runner_events events;
        std::deque<frame> sent;  // by the host
        bool alive = true;
        bool answers_pings = true;
        bool understood = true;
        std::string killed_because;
        base::event_loop* loop = nullptr;

        void say(frame_kind kind, std::string body = {}) {
            frame one;
            one.kind = kind;
            one.body = std::move(body);
            events.received(std::move(one));
        }
    };
    explicit played_runner(std::shared_ptr<shared> with) : state(std::move(with)) {}
    ~played_runner() override { state->alive = false; }
    void send(const frame& one) override {
        if (one.kind == frame_kind::open) {
            return state->say(frame_kind::opened, frame_writer().failure(nullptr).take());
        }
        if (one.kind == frame_kind::close) return state->say(frame_kind::closed);
        frame pong = one;
        pong.kind = frame_kind::pong;
        if (one.kind == frame_kind::ping && state->answers_pings) state->events.received(pong);
        state->sent.push_back(one);
    }
    void kill(std::string why) override {
        if (!state->killed_because.empty()) return;
        state->killed_because = why;
        state->loop->post([with = state, why] {
            if (with->alive) with->events.ended({why, "", with->understood});
        });
    }
    pid_t pid() const override { return 1; }

    std::shared_ptr<shared> state;
};

struct runner_session_test : testing::Test {
    static plugin_world_options played(runner_session_test* test) {
        plugin_world_options out;
        out.runner = [test](const runner_start&,
                            runner_events events) -> base::result<std::unique_ptr<runner_link>> {
            auto with = std::make_shared<played_runner::shared>();
            with->events = std::move(events);
            with->loop = &test->world->loop;
            test->runners.push_back(with);
            for (const std::string& report : test->reports)
                with->say(frame_kind::hardened, frame_writer().text(report).take());
            return std::unique_ptr<runner_link>(std::make_unique<played_runner>(with));
        };
        return out;
    }
    runner_session_test() {
        world.emplace(played(this));
        world->install("crashing");
        subject = world->connectors->find("crashing");
    }
    played_runner::shared& runner() { return *runners.back(); }
    // The number of the call under which the runner was told to start it.
    // As the first question of a call.
    std::uint64_t make_blob(std::uint64_t call) {
        say(frame_kind::ask, call, 1,
            frame_writer()
                .number(static_cast<std::uint64_t>(frame_question::create_blob))
                .text("text/plain")
                .take());
        const frame* const answer = sent(frame_kind::reply);
        const std::uint64_t blob = answer != nullptr ? frame_reader(answer->body).number() : 0;
        EXPECT_NE(blob, 0u);
        return blob;
    }
    std::uint64_t begin(const char* action = "wait") {
        const std::size_t place = outcomes.size();
        outcomes.emplace_back();
        call_request request;
        request.action = action;
        request.input_json = R"({"n":1})";
        subject->start(request,
                       [this, place](call_outcome got) { outcomes[place] = std::move(got); });
        EXPECT_TRUE(world->run_until(
            [&] { return !runners.empty() && sent(frame_kind::start) != nullptr; }));
        const frame* start = sent(frame_kind::start);
        const std::uint64_t number = start != nullptr ? start->call : 0;
        runner().sent.clear();
        say(frame_kind::begun, number);
        return number;
    }
    const frame* sent(frame_kind kind) {
        for (const frame& one : runner().sent) {
            if (one.kind == kind) return &one;
        }
        return nullptr;
    }
    void say(frame_kind kind, std::uint64_t call, std::uint64_t operation = 0,
             std::string body = {}) {
        frame one;
        one.kind = kind;
        one.call = call;
        one.operation = operation;
        one.body = std::move(body);
        runner().events.received(std::move(one));
    }
    void complete(std::uint64_t call) {
        say(frame_kind::complete, call, 0, frame_writer().text(R"("done")").take());
    }
    bool ended(std::size_t place = 0) {
        return world->run_until([&] { return outcomes[place].has_value(); });
    }
    void expect_killed() {
        ASSERT_TRUE(ended());
        EXPECT_NE(output_of(*outcomes[0]).find("it sent"), std::string::npos)
            << output_of(*outcomes[0]);
        EXPECT_EQ(code_of(*outcomes[0]), base::error_code::unavailable);
    }
    static std::string request(frame_service service, frame_writer&& rest) {
        return frame_writer().number(static_cast<std::uint64_t>(service)).take() + rest.take();
    }

    std::vector<std::string> reports = {R"({"seccomp":true})"};  // said before it is opened
    std::vector<std::shared_ptr<played_runner::shared>> runners;
    // The world ends first: its calls do, too.
    std::vector<std::optional<call_outcome>> outcomes;
    std::optional<plugin_world> world;
    std::shared_ptr<connector> subject;
};

TEST_F(runner_session_test, a_call_and_its_end_cross) {
    const std::uint64_t call = begin();
    complete(call);
    ASSERT_TRUE(ended());
    EXPECT_EQ(output_of(*outcomes[0]), R"("done")");
}

TEST_F(runner_session_test, a_second_end_is_counted_and_a_made_up_one_too) {
    const std::uint64_t call = begin();
    complete(call);
    complete(call);
    ASSERT_TRUE(ended());
    EXPECT_EQ(world->count("wait").second, 1u);
    complete(call + 1'000'000);
    EXPECT_EQ(world->count("wait").second, 1u);
    EXPECT_TRUE(runner().killed_because.empty());
}

TEST_F(runner_session_test, frames_of_a_call_that_is_over_are_left_out) {
    const std::uint64_t call = begin();
    complete(call);
    ASSERT_TRUE(ended());
    say(frame_kind::request, call, 1,
        request(frame_service::timer, std::move(frame_writer().number(5))));
    say(frame_kind::give_up, call, 1);
    say(frame_kind::begun, call);
    world->loop.advance_ms(10);
    EXPECT_EQ(sent(frame_kind::answer), nullptr);
    EXPECT_TRUE(runner().killed_because.empty());
}

TEST_F(runner_session_test, a_timer_is_the_hosts) {
    const std::uint64_t call = begin();
    say(frame_kind::request, call, 9,
        request(frame_service::timer, std::move(frame_writer().number(500))));
    world->loop.run_ready();
    world->loop.advance_ms(499);
    EXPECT_EQ(sent(frame_kind::answer), nullptr);
    world->loop.advance_ms(1);
    ASSERT_NE(sent(frame_kind::answer), nullptr);
    EXPECT_EQ(sent(frame_kind::answer)->operation, 9u);
    complete(call);
    EXPECT_TRUE(ended());
}

TEST_F(runner_session_test, blobs_that_were_never_given_out_end_the_process) {
    const std::uint64_t call = begin();
    say(frame_kind::request, call, 1,
        request(frame_service::blob_read,
                std::move(frame_writer().number(77).number(0).number(10))));
    expect_killed();
}

TEST_F(runner_session_test, releasing_a_foreign_blob_ends_the_process) {
    begin();
    say(frame_kind::release, 0, 4711);
    expect_killed();
}

TEST_F(runner_session_test, a_piece_of_a_blob_beyond_the_limit_ends_the_process) {
    const std::uint64_t call = begin();
    const std::uint64_t blob = make_blob(call);
    say(frame_kind::request, call, 2,
        request(frame_service::blob_read,
                std::move(frame_writer().number(blob).number(0).number(blob_piece + 1))));
    EXPECT_NE(runner().killed_because, "");
    runner().killed_because.clear();
    say(frame_kind::request, call, 3,
        request(frame_service::blob_write,
                std::move(frame_writer().number(blob).text(std::string(blob_piece + 1, 'x')))));
    expect_killed();
}

TEST_F(runner_session_test, requests_beyond_what_the_host_keeps_for_them_are_unavailable) {
    const std::uint64_t call = begin();
    const std::uint64_t blob = make_blob(call);
    const auto read_piece = [&](std::uint64_t of, std::uint64_t operation) {
        say(frame_kind::request, of, operation,
            request(frame_service::blob_read,
                    std::move(frame_writer().number(blob).number(0).number(blob_piece))));
    };
    const auto answers = [&] {
        return std::ranges::count(runner().sent, frame_kind::answer, &frame::kind);
    };
    // Until the loop runs, none is answered.
    constexpr std::uint64_t many = 300;
    constexpr std::uint64_t room = request_memory::limit / (blob_piece + 1);
    for (std::uint64_t number = 1; number <= many; ++number)
        read_piece(call, number);
    ASSERT_EQ(answers(), many - room);
    frame_reader refused(sent(frame_kind::answer)->body);
    const auto why = refused.failure();
    ASSERT_TRUE(why);
    EXPECT_EQ(why->code, SLUICE_UNAVAILABLE);
    EXPECT_NE(text_of(why->message).find("128 MiB"), std::string::npos) << text_of(why->message);
    // Nor is there room for what it would write.
    say(frame_kind::request, call, many + 1,
        request(frame_service::blob_write,
                std::move(frame_writer().number(blob).text(std::string(blob_piece, 'x')))));
    EXPECT_EQ(answers(), many - room + 1);
    ASSERT_TRUE(world->run_until([&] { return answers() == many + 1; }));
    // What was answered is kept no longer, nor is what an ended call has asked for.
    runner().sent.clear();
    for (std::uint64_t number = 1; number <= room; ++number)
        read_piece(call, many + 1 + number);
    complete(call);
    ASSERT_TRUE(ended());
    const std::uint64_t next = begin();
    for (std::uint64_t number = 1; number <= room; ++number)
        read_piece(next, number);
    EXPECT_EQ(answers(), 0);
    EXPECT_EQ(runner().killed_because, "");
}

TEST_F(runner_session_test, a_connector_that_loops_does_not_fill_the_log) {
    const std::uint64_t call = begin();
    const auto log = [&](std::uint32_t level = SLUICE_LOG_INFO) {
        say(frame_kind::log, call, 0, frame_writer().number(level).text("again").text("{}").take());
    };
    // What the log does not want leaves room for what it does.
    for (int count = 0; count < 2'000; ++count)
        log(SLUICE_LOG_DEBUG);
    world->log_lines.clear();
    for (int count = 0; count < 5'000; ++count)
        log();
    EXPECT_EQ(world->log_lines.size(), log_budget::lines);
    testing::internal::CaptureStderr();
    complete(call + 1'000'000);  // the host tells that, too
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    world->loop.advance_ms(log_budget::period_ms);
    testing::internal::CaptureStderr();
    log();
    EXPECT_NE(
        testing::internal::GetCapturedStderr().find("4001 lines of a connector were left out"),
        std::string::npos);
    EXPECT_EQ(world->log_lines.size(), log_budget::lines + 1);
    // A line of many KiB counts as many.
    say(frame_kind::log, call, 0,
        frame_writer()
            .number(SLUICE_LOG_INFO)
            .text(std::string(log_budget::lines << 10, 'x'))
            .text("")
            .take());
    EXPECT_EQ(world->log_lines.size(), log_budget::lines + 1);
}

TEST_F(runner_session_test, one_operation_number_twice_ends_the_process) {
    const std::uint64_t call = begin();
    for (int count = 0; count < 2; ++count)
        say(frame_kind::request, call, 1,
            request(frame_service::timer, std::move(frame_writer().number(5'000))));
    expect_killed();
}

TEST_F(runner_session_test, an_unknown_service_ends_the_process) {
    const std::uint64_t call = begin();
    say(frame_kind::request, call, 1, request(static_cast<frame_service>(3), frame_writer()));
    expect_killed();
}

TEST_F(runner_session_test, frames_that_only_a_host_says_end_the_process) {
    const std::uint64_t call = begin();
    say(frame_kind::start, call);
    expect_killed();
}

TEST_F(runner_session_test, broken_bodies_of_every_kind_end_the_process) {
    for (const frame_kind kind : {frame_kind::complete, frame_kind::fail, frame_kind::threw,
                                  frame_kind::log, frame_kind::request, frame_kind::ask}) {
        outcomes.clear();
        const std::uint64_t call = begin();
        say(kind, call, 1, "\x05\x00\x00");
        expect_killed();
        world->loop.advance_ms(600'001);  // no quarantine here
    }
}

TEST_F(runner_session_test, an_answer_to_a_question_never_asked_ends_the_process) {
    begin();
    say(frame_kind::pong, 0, 12);
    expect_killed();
}

TEST_F(runner_session_test, what_it_says_of_itself_is_read_with_care) {
    reports = {R"({"seccomp":7,"landlock":"x","noNewPrivileges":true,"refused":["dumpable"]})"};
    complete(begin());
    const auto told = subject->isolation().hardening;
    ASSERT_TRUE(told);
    EXPECT_FALSE(told->seccomp);
    EXPECT_EQ(told->landlock, 0);
    EXPECT_TRUE(told->no_new_privileges);
    EXPECT_EQ(told->refused, std::vector<std::string>{"dumpable"});
}

TEST_F(runner_session_test, a_second_or_a_broken_report_or_none_ends_the_process) {
    const std::string much(1'000, 'x');
    for (const auto& said : std::vector<std::vector<std::string>>{
             {},
             {"{}", R"({"seccomp":true})"},
             {"[]"},
             {R"({"refused":7})"},
             {R"({"refused":{}})"},
             {R"({"refused":[7]})"},
             {R"({"refused":[")" + much + R"("]})"},
             {"{\"refused\":[" + std::string(66'000, ' ') + "]}"}}) {
        reports = said;
        const std::string told = output_of(world->call("crashing", "wait", "{}"));
        EXPECT_NE(told.find("it sent"), std::string::npos) << told;
        subject->release();
    }
    EXPECT_FALSE(subject->isolation().hardening);
}

TEST_F(runner_session_test, answers_that_nobody_asked_for_end_the_process) {
    for (const frame_kind kind : {frame_kind::opened, frame_kind::closed, frame_kind::hardened}) {
        outcomes.clear();
        begin();
        say(kind, 0, 0, frame_writer().failure(nullptr).take());
        expect_killed();
        subject->release();
    }
}

TEST_F(runner_session_test, what_may_have_begun_is_not_begun_again) {
    const std::size_t place = outcomes.size();
    begin();
    runner().understood = false;
    outcomes.emplace_back();
    call_request request;
    request.action = "once";
    request.input_json = "{}";
    subject->start(request, [&](call_outcome got) { outcomes[place + 1] = std::move(got); });
    ASSERT_TRUE(world->run_until([&] { return sent(frame_kind::start) != nullptr; }));
    played_runner::shared& first = runner();
    first.events.ended({"signal 11", "", false});
    ASSERT_TRUE(ended(place + 1));
    EXPECT_EQ(code_of(*outcomes[place + 1]), base::error_code::unavailable);
    EXPECT_EQ(runners.size(), 1u);
}

TEST_F(runner_session_test, exceptions_are_counted_as_in_this_process) {
    const std::uint64_t call = begin();
    say(frame_kind::threw, call, 0, frame_writer().text("out of range").take());
    ASSERT_TRUE(ended());
    EXPECT_NE(output_of(*outcomes[0]).find("out of range"), std::string::npos);
    EXPECT_EQ(world->count("wait").exceptions, 1u);
}

TEST_F(runner_session_test, a_process_that_answers_no_ping_is_killed_in_time) {
    begin();
    runner().answers_pings = false;
    world->loop.advance_ms(19'000);
    EXPECT_TRUE(runner().killed_because.empty());
    world->loop.advance_ms(6'000);
    EXPECT_NE(runner().killed_because.find("it hangs"), std::string::npos);
    EXPECT_TRUE(ended());
}

TEST_F(runner_session_test, no_ping_is_sent_when_nothing_runs) {
    complete(begin());
    ASSERT_TRUE(ended());
    runner().sent.clear();
    world->loop.advance_ms(3'600'000);
    EXPECT_LE(runner().sent.size(), 1u);
}

}  // namespace
}  // namespace sluice::plugin
