// Whoever started the host and stopped reading does not hold it up.
#include "cli/line_output.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "base/clock.hpp"
#include "base/manual_loop.hpp"

namespace sluice::cli {
namespace {

class line_output_test : public testing::Test {
  protected:
    line_output_test() { EXPECT_EQ(pipe(ends), 0); }
    ~line_output_test() override {
        close(ends[0]);
        close(ends[1]);
    }
    // What is in the pipe now.
    std::string take() {
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        std::string out;
        std::array<char, 4096> piece;
        ssize_t count = 0;
        while ((count = read(ends[0], piece.data(), piece.size())) > 0)
            out.append(piece.data(), static_cast<std::size_t>(count));
        return out;
    }
    void pass(std::int64_t ms) {
        clock.advance_ms(ms);
        loop.run_ready();
    }

    int ends[2] = {-1, -1};
    base::manual_clock clock;
    base::manual_loop loop{clock};
};

TEST_F(line_output_test, lines_arrive_at_once) {
    line_output out(ends[1], loop);
    out.add("ready http://127.0.0.1:1");
    out.add("instance a deployed");
    EXPECT_EQ(take(), "ready http://127.0.0.1:1\ninstance a deployed\n");
}

TEST_F(line_output_test, a_full_pipe_holds_up_nobody_and_nothing_is_lost) {
    std::string all;
    line_output out(ends[1], loop);
    for (int i = 0; i < 20'000; ++i) {
        const std::string line = "instance number-" + std::to_string(i) + " deployed";
        out.add(line);
        all += line + '\n';
    }
    std::string seen;
    for (int round = 0; round < 100 && seen.size() < all.size(); ++round) {
        seen += take();
        pass(1'000);
    }
    EXPECT_TRUE(seen + take() == all);
}

TEST_F(line_output_test, beyond_its_bounds_it_says_how_much_is_missing) {
    line_output out(ends[1], loop, 100'000);
    const std::string line(1'000, 'x');
    for (int i = 0; i < 300; ++i)
        out.add(line);
    std::string seen;
    for (int round = 0; round < 100; ++round) {
        seen += take();
        pass(1'000);
    }
    out.add("the end");
    pass(1'000);
    seen += take();
    std::size_t kept = 0;
    for (std::size_t at = 0; (at = seen.find(line + '\n', at)) != std::string::npos; ++at)
        ++kept;
    EXPECT_LT(kept, 300u);
    EXPECT_NE(seen.find("omitted " + std::to_string(300 - kept) + "\nthe end\n"),
              std::string::npos);
}

}  // namespace
}  // namespace sluice::cli
