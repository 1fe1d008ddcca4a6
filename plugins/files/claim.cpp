#include <fcntl.h>

#include <sluice/claimed_name.hpp>
#include <sluice/step_hash.hpp>
#include <utility>

#include "file_bytes.hpp"
#include "files.hpp"
#include "moving.hpp"
#include "paths.hpp"

namespace files {

using sluice::claimed_name;
using sluice::failure;
using sluice::original_name;

namespace {

json describe_claimed(const file_info& file, const std::string& original) {
    return json{{"path", file.path},
                {"name", name_of(original)},
                {"originalPath", original},
                {"size", file.size},
                {"modifiedAt", utc_text(file.modified)}};
}

movement read_movement(const context& ctx, const json& input) {
    const std::string from = required_path(input, "path");
    const std::string name = name_option(input, "name", original_name(name_of(from)));
    sluice::required_string(input, "folder");
    return {from, join(path_option(input, "folder"), name),
            read_overwrite(input, overwrite_policy::keep_both), step_hash(ctx, from),
            expected_file()};
}

json describe(const arrival& arrived) {
    return json{
        {"path", arrived.path}, {"name", name_of(arrived.path)}, {"repeated", arrived.repeated}};
}

void write_reason(const root& folder, const std::string& path, const std::string& hash,
                  const std::string& text) {
    const std::string hidden = hidden_beside(path, hash);
    constexpr unsigned usual = 0666;  // less the umask
    const file_descriptor bytes =
        folder.open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, usual);
    write_at(bytes, 0, text, hidden);
    sync(bytes, hidden);
    folder.rename(hidden, path, root::replacing::allowed);
}

}  // namespace

// Of several that claim the same file one gets it: its rename finds the file, those of the others
// do not.
json connector::claim(context& ctx, const json& input) {
    const std::string path = required_path(input, "path");
    const std::string target = input["folder"].is_null() ? join(folder_of(path), "processing")
                                                         : path_option(input, "folder");
    const std::string mine = join(target, claimed_name(step_hash(ctx, path), name_of(path)));
    const expected_file expected(input);
    const root folder(ctx);
    // Looked for first: since an earlier try of this step, another file may have come under the old
    // name, which is not to be touched.
    if (const auto found = folder.find(mine)) return describe_claimed(*found, path);
    if (!folder.find(path)) {
        throw failure(SLUICE_NOT_FOUND, "there is no '" + path + "': somebody else may have it");
    }
    const file_info source = folder.find_file(path);
    expected.check(source);
    folder.make_folders(target);
    folder.rename(path, mine, root::replacing::allowed);
    return describe_claimed(folder.find_file(mine), path);
}

json connector::finish(context& ctx, const json& input) {
    const movement wanted = read_movement(ctx, input);
    const root folder(ctx);
    folder.make_folders(std::string(folder_of(wanted.to)));
    return describe(move_file(folder, wanted));
}

// The reason is written first: a file in the folder of failures always has one.
json connector::fail(context& ctx, const json& input) {
    movement wanted = read_movement(ctx, input);
    const json& reason = input["reason"];
    const root folder(ctx);
    folder.make_folders(std::string(folder_of(wanted.to)));
    const bool is_here = folder.find(wanted.from).has_value();
    if (is_here && wanted.overwrite == overwrite_policy::keep_both && folder.find(wanted.to)) {
        wanted.to = with_hash(wanted.to, wanted.hash);
    }
    const char* ending = reason.is_string() ? ".error.txt" : ".reason.json";
    if (is_here && !reason.is_null()) {
        const std::string text = reason.is_string() ? reason.as_string() : reason.dump();
        write_reason(folder, wanted.to + ending, wanted.hash, text + "\n");
    }
    const arrival arrived = move_file(folder, wanted);
    json done = describe(arrived);
    done.set("reasonPath", reason.is_null() ? json() : json(arrived.path + ending));
    return done;
}

}  // namespace files
