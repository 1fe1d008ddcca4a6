#include "store/conformance_alert_testing.hpp"
#include "store/conformance_append_testing.hpp"
#include "store/conformance_commit_testing.hpp"
#include "store/conformance_model_testing.hpp"
#include "store/conformance_records_testing.hpp"
#include "store/conformance_removal_testing.hpp"
#include "store/conformance_reopen_testing.hpp"

namespace sluice::store::testing {

class sqlite_subject final : public store_subject {
  public:
    std::unique_ptr<store> open() override {
        auto opened = open_sqlite_store(small_options(folder_.path(), clock_));
        if (opened) return std::move(*opened);
        ADD_FAILURE() << opened.error_value().to_text();
        return nullptr;
    }
    base::manual_clock& clock() override { return clock_; }

  private:
    temporary_folder folder_;
    base::manual_clock clock_;
};

std::unique_ptr<store_subject> make_sqlite_subject() { return std::make_unique<sqlite_subject>(); }

INSTANTIATE_TEST_SUITE_P(sqlite, store_conformance,
                         ::testing::Values(make_subject{"sqlite", make_sqlite_subject}));

}  // namespace sluice::store::testing
