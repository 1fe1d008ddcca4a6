#include <sluice/step_hash.hpp>
#include "call_session.hpp"
#include "moving.hpp"
#include "paths.hpp"
#include "sftp.hpp"

namespace sluice::sftp {
namespace {

std::optional<arrival> find_arrived(session& server, const movement& wanted) {
    std::vector<std::string> places{wanted.to};
    if (wanted.overwrite == overwrite_policy::keep_both) {
        places.insert(places.begin(), with_hash(wanted.to, wanted.hash));
    }
    for (const std::string& place : places) {
        const auto found = server.find_link(place);
        if (found && wanted.expected.fits(*found)) return arrival{place, true, *found};
    }
    return std::nullopt;
}

std::string move_by_policy(session& server, const movement& wanted) {
    if (wanted.overwrite == overwrite_policy::replace) {
        server.replace(wanted.from, wanted.to);
        return wanted.to;
    }
    try {
        server.rename(wanted.from, wanted.to);
        return wanted.to;
    } catch (const connection_lost&) {
        throw;
    } catch (const failure& refused) {
        const bool both = wanted.overwrite == overwrite_policy::keep_both;
        if (!both || refused.code() != SLUICE_CONFLICT) throw;
    }
    std::string other = with_hash(wanted.to, wanted.hash);
    server.replace(wanted.from, other);
    return other;
}

}  // namespace

expected_file::expected_file(const json& input) {
    if (!input["size"].is_null()) {
        constexpr std::int64_t largest = std::int64_t{1} << 62;
        size = static_cast<std::uint64_t>(number_or(input, "size", 0, 0, largest));
    }
    if (!input["modifiedAt"].is_null()) modified = parse_utc(required_string(input, "modifiedAt"));
}

bool expected_file::fits(const file_info& found) const {
    return (!size || *size == found.size) && (!modified || *modified == found.modified);
}

std::string with_hash(const std::string& path, const std::string& hash) {
    const std::string name(name_of(path));
    const std::size_t point = name.rfind('.');
    const std::size_t end = point == name.npos || point == 0 ? name.size() : point;
    const std::string folder(folder_of(path));
    return join(folder, name.substr(0, end) + "." + hash + name.substr(end));
}

arrival move_file(session& server, const movement& wanted) {
    if (wanted.from == wanted.to) {
        throw failure(SLUICE_INVALID_INPUT, wanted.from + " would be moved to itself");
    }
    const auto source = server.find_link(wanted.from);
    if (!source) {
        if (auto arrived = find_arrived(server, wanted)) return *arrived;
        throw failure(SLUICE_NOT_FOUND, "there is no " + wanted.from);
    }
    if (!wanted.expected.fits(*source)) {
        throw failure(SLUICE_CONFLICT, wanted.from + " was changed meanwhile");
    }
    std::string path = move_by_policy(server, wanted);
    return {std::move(path), false, *source};
}

json connector::move(context& ctx, const json& input) {
    const std::string from = required_path(input, "from");
    const movement wanted{from, required_path(input, "to"),
                          overwrite_or(input, overwrite_policy::fail), step_hash(ctx, from),
                          expected_file(input)};
    const bool parents = flag_or(input, "parents", false);
    return on_session(ctx, dog_, [&](session& server) {
        if (parents) server.make_folders(std::string(folder_of(wanted.to)));
        const arrival arrived = move_file(server, wanted);
        return json{{"from", wanted.from},
                    {"path", arrived.path},
                    {"name", std::string(name_of(arrived.path))},
                    {"repeated", arrived.repeated}};
    });
}

}  // namespace sluice::sftp
