#include "instance/open_vault.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace sluice::instance {

base::result<std::unique_ptr<vault>> open_vault(store::store& store, const master_key_source& from,
                                                const manifest::environment& lookup,
                                                base::random_source& random) {
    std::error_code ignored;
    if (!from.file.empty() && !std::filesystem::exists(from.file, ignored)) {
        const base::result<bool> empty = vault::is_empty(store);
        if (!empty) return empty.error_value();
        if (*empty) {
            const base::result<void> made = create_master_key(from.file, random);
            if (!made) return made.error_value();
        }
    }
    base::result<master_keys> keys = read_master_keys(from, lookup);
    if (!keys) return std::move(keys).error_value();
    return vault::open(store, std::move(*keys), random);
}

}  // namespace sluice::instance
