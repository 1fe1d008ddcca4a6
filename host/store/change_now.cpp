#include "store/change_now.hpp"

#include <future>
#include <utility>

namespace sluice::store {

base::result<void> change_config_now(store& store, std::vector<config_change> changes) {
    std::promise<base::result<void>> written;
    store.change_config(std::move(changes), [&written](base::result<void> outcome) {
        written.set_value(std::move(outcome));
    });
    return written.get_future().get();
}

}  // namespace sluice::store
