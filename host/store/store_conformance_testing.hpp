// What every implementation of the store must do, written against the interface alone. A test file
// includes this once and names its implementation:
//   INSTANTIATE_TEST_SUITE_P(sqlite, store_conformance,
//                            ::testing::Values(make_subject{"sqlite", make_sqlite_subject}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>

#include "store/store_testing.hpp"

namespace sluice::store::testing {

// One place where a store lives, for one test.
class store_subject {
  public:
    virtual ~store_subject() = default;
    // Opens the store again on what the earlier ones left; a store opened before must be closed.
    virtual std::unique_ptr<store> open() = 0;
    virtual base::manual_clock& clock() = 0;
};

struct make_subject {
    const char* name;  // in test reports
    std::function<std::unique_ptr<store_subject>()> make;
};
inline void PrintTo(const make_subject& subject, std::ostream* to) { *to << subject.name; }

class store_conformance : public ::testing::TestWithParam<make_subject> {
  protected:
    void SetUp() override {
        subject_ = GetParam().make();
        store_ = subject_->open();
        ASSERT_NE(store_, nullptr);
    }
    void reopen() {
        store_->close();
        store_.reset();
        store_ = subject_->open();
        ASSERT_NE(store_, nullptr);
    }
    store& it() { return *store_; }
    partition_id acme() const { return partition_of("acme"); }
    epoch_number epoch() { return store_->acquire(acme()).value(); }
    event_state state_of(event_id id) { return it().execution(id).value().summary.state; }

    std::unique_ptr<store_subject> subject_;
    std::unique_ptr<store> store_;
};

}  // namespace sluice::store::testing
