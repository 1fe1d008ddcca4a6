#include <sluice/step_hash.hpp>

#include "files.hpp"
#include "folder_store.hpp"
#include "paths.hpp"

namespace files {

namespace {

sluice::movement read_movement(const context& ctx, const json& input) {
    const std::string from = required_path(input, "path");
    const std::string name = name_option(input, "name", sluice::original_name(name_of(from)));
    sluice::required_string(input, "folder");
    return {from, join(path_option(input, "folder"), name),
            sluice::overwrite_option(input, sluice::overwrite_policy::keep_both),
            step_hash(ctx, from), sluice::expected_file()};
}

}  // namespace

json connector::claim(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const std::string target = input["folder"].is_null() ? join(folder_of(path), "processing")
                                                         : path_option(input, "folder");
    const std::string name = sluice::claimed_name(step_hash(ctx, path), name_of(path));
    const sluice::expected_file expected(input);
    folder_store store(ctx);
    return sluice::claim_file(store, path, target, join(target, name), expected);
}

json connector::finish(context& ctx, const json& input) {
    const sluice::movement wanted = read_movement(ctx, input);
    folder_store store(ctx);
    return sluice::finish_file(store, wanted, path_option(input, "folder"));
}

json connector::fail(context& ctx, const json& input) {
    const sluice::movement wanted = read_movement(ctx, input);
    folder_store store(ctx);
    return sluice::fail_file(store, wanted, path_option(input, "folder"), input["reason"]);
}

}  // namespace files
