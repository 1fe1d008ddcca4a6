#include "engine/raised_alerts.hpp"

#include <gtest/gtest.h>

namespace sluice::engine {
namespace {

store::alert_op change(bool raised) {
    store::alert_op out;
    out.key = "one/broken/import";
    out.raised = raised;
    return out;
}

TEST(raised_alerts_test, know_what_is_on_its_way) {
    raised_alerts all;
    EXPECT_TRUE(all.none());
    const alert_under_way first = all.begin(change(true));
    EXPECT_TRUE(all.contains("one/broken/import"));
    all.kept(first);
    const alert_under_way over = all.begin(change(false));
    EXPECT_TRUE(all.contains("one/broken/import")) << "until that is durable";
    all.kept(over);
    EXPECT_TRUE(all.none());
}

TEST(raised_alerts_test, one_that_is_raised_again_meanwhile_stays) {
    raised_alerts all;
    all.start({{store::alert_kind, "one/broken/import", "{}", 1}});
    const alert_under_way over = all.begin(change(false));
    const alert_under_way again = all.begin(change(true));
    all.kept(over);
    EXPECT_TRUE(all.contains("one/broken/import"));
    all.kept(again);
    EXPECT_TRUE(all.contains("one/broken/import"));
}

TEST(raised_alerts_test, a_clearing_that_overtakes_leaves_it_raised) {
    raised_alerts all;
    const alert_under_way first = all.begin(change(true));
    all.kept(all.begin(change(false)));
    all.kept(first);
    EXPECT_TRUE(all.contains("one/broken/import"));
}

}  // namespace
}  // namespace sluice::engine
