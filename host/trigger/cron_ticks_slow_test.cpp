// Against minute-by-minute brute force in Python's zoneinfo: tests/schedule/oracle.py.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/subprocess.hpp"
#include "trigger/cron_ticks.hpp"

namespace sluice::trigger {
namespace {

// Each with a first day from which 400 days hold its changes.
const char* const zones[] = {
    "UTC 2026-01-01",
    "Europe/Berlin 2026-01-15",
    "America/New_York 2026-02-01",
    "Australia/Lord_Howe 2026-01-01",  // half an hour of summer time
    "Africa/Cairo 2026-01-01",         // changes at midnight
    "Pacific/Chatham 2026-01-01",      // 12:45, changes at 02:45
    "Pacific/Apia 2011-06-01",         // a day that never was
    "Africa/Casablanca 2026-01-01",    // winter time in Ramadan
    "America/Sao_Paulo 2018-01-15",    // no midnight when summer begins
    "Asia/Kathmandu 2026-01-01",
    "Atlantic/Azores 2026-01-01",   // 00:00 to 01:00, and back over midnight
    "Antarctica/Troll 2026-01-01",  // two hours
    "America/St_Johns 2026-01-01",
};
const char* const crons[] = {
    "0 3 * * *",       "30 2 * * *",     "0 0 * * *",          "30 0 1,15 * fri", "*/15 * * * *",
    "0 * * * *",       "45 1-3 * * sun", "59 23 * * *",        "0 */2 * * *",     "* 2 * * *",
    "7 * * * mon-fri", "0 0 29 feb *",   "5 2,3 30 mar,dec *",
};

TEST(cron_ticks, agree_with_zoneinfo_over_400_days) {
    std::string questions;
    for (const char* zone : zones) {
        for (const char* cron : crons)
            questions += std::string(zone) + " 400 " + cron + "\n";
    }
    base::process_command command;
    command.argv = {SLUICE_SCHEDULE_ORACLE};
    command.stdin_text = questions;
    const auto answered = base::run_subprocess(command, 600'000, 1u << 30);
    ASSERT_TRUE(answered && answered->exit.ok()) << (answered ? answered->err : "did not start");
    std::istringstream asked(questions);
    std::istringstream answers(answered->out);
    std::size_t compared = 0;
    for (std::string question, answer; std::getline(asked, question);) {
        SCOPED_TRACE(question);
        ASSERT_TRUE(std::getline(answers, answer));
        std::istringstream words(question);
        std::string name, day, days;
        words >> name >> day >> days >> std::ws;
        std::string cron;
        std::getline(words, cron);
        const auto fields = manifest::parse_cron(cron);
        const auto zone = base::find_time_zone(name);
        ASSERT_TRUE(fields && zone);
        const std::int64_t first = base::parse_rfc3339(day + "T00:00:00Z").value();
        const std::int64_t end = first + 400ll * 86'400'000;
        std::istringstream minutes(answer);
        std::int64_t at = first;
        while (true) {
            std::int64_t minute = 0;
            const bool more = static_cast<bool>(minutes >> minute);
            const auto next = next_tick(*fields, *zone, at);
            ASSERT_TRUE(next) << next.error_value().to_text();
            if (!more) {
                EXPECT_GT(*next, end) << base::to_rfc3339(*next);
                break;
            }
            ASSERT_EQ(base::to_rfc3339(*next), base::to_rfc3339(minute * 60'000));
            at = *next;
            ++compared;
        }
    }
    EXPECT_GT(compared, 1'000'000u);
}

}  // namespace
}  // namespace sluice::trigger
