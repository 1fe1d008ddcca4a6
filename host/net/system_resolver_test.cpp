#include <gtest/gtest.h>

#include <algorithm>

#include "net/loop_thread_testing.hpp"
#include "net/resolver.hpp"

namespace sluice::net {
namespace {

TEST(system_resolver, finds_the_machine_itself_on_the_loops_thread) {
    loop_thread thread;
    const auto names = make_system_resolver(thread.loop());
    for (int i = 0; i < 20; ++i) {
        std::promise<bool> found;
        thread.call([&] {
            names->resolve("localhost", [&](base::result<std::vector<ip_address>> addresses) {
                found.set_value(
                    thread.loop().in_loop_thread() && addresses.has_value() &&
                    std::all_of(addresses->begin(), addresses->end(), [](const ip_address& each) {
                        return each.to_text() == "127.0.0.1" || each.to_text() == "::1";
                    }));
            });
            return 0;
        });
        EXPECT_TRUE(found.get_future().get());
    }
    thread.stop();
}

TEST(system_resolver, says_which_name_it_does_not_know) {
    loop_thread thread;
    const auto names = make_system_resolver(thread.loop());
    std::promise<base::error> refused;
    thread.call([&] {
        // Longer than a name can be, so that no server is asked.
        names->resolve(std::string(300, 'x'), [&](base::result<std::vector<ip_address>> addresses) {
            refused.set_value(addresses ? base::error{} : addresses.error_value());
        });
        return 0;
    });
    const auto error = refused.get_future().get();
    EXPECT_EQ(error.code, base::error_code::unavailable);
    EXPECT_NE(error.message.find("xxxx"), std::string::npos);
    thread.stop();
}

TEST(system_resolver, calls_nobody_once_it_is_gone) {
    const auto held = std::make_shared<int>(0);
    loop_thread thread;
    {
        auto names = make_system_resolver(thread.loop());
        thread.call([&] {
            for (int i = 0; i < 50; ++i) {
                names->resolve("localhost", [held](auto) { ADD_FAILURE() << "called"; });
            }
            names.reset();
            return 0;
        });
    }
    EXPECT_TRUE(base::wait_until([&] { return held.use_count() == 1; }));
    thread.stop();
}

}  // namespace
}  // namespace sluice::net
