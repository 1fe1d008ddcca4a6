// Where a step that appends to a file begins, so that a repetition goes on there and adds nothing
// twice. The last steps of each file are remembered in the state of the flow.
//
// Needs OpenSSL: give sluice_add_connector `LIBRARIES OpenSSL::Crypto`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/context.hpp"
#include "sluice/encoding.hpp"
#include "sluice/json.hpp"
#include "sluice/state.hpp"
#include "sluice/step_hash.hpp"
#include "sluice/task.hpp"

namespace sluice {
inline namespace sdk {

// The notes of one file: {"steps": [{"step", "at"}]}, the newest last.
class append_notes {
  public:
    // So many steps are remembered; a repetition of an older one appends again.
    static constexpr std::size_t most = 50;

    // `known`: what the state holds for the file; null: nothing yet.
    explicit append_notes(json known) : known_(std::move(known)) {}

    // Where the step began. Nothing when it is not known, and when a later step began at the same
    // place: then this one was ended before it wrote anything, and has to begin anew.
    std::optional<std::uint64_t> begin_of(std::string_view step) const {
        std::optional<std::uint64_t> at;
        for (const json& each : known_["steps"].items()) {
            const std::uint64_t begin = each["at"].as_uint64();
            if (each.get_or("step", "") == step) {
                at = begin;
            } else if (at == begin) {
                at.reset();
            }
        }
        return at;
    }

    // The notes with this step as the newest.
    json with(std::string_view step, std::uint64_t at) const {
        json::array_type steps;
        for (const json& each : known_["steps"].items()) {
            if (each.get_or("step", "") != step) steps.push_back(each);
        }
        if (steps.size() >= most) {
            steps.erase(steps.begin(), steps.end() - static_cast<std::ptrdiff_t>(most - 1));
        }
        steps.push_back(json{{"step", std::string(step)}, {"at", at}});
        return json{{"steps", json::array(std::move(steps))}};
    }

  private:
    json known_;
};

// co_await: the place in `file` (a name of the file that no other file has) at which the step's
// bytes belong. It is durable before it is known. measure(): how long the file is now; it may
// block and runs on the pool. Two steps that measure at the same time get the same place: keep
// them apart, by a lock on the file or one lane of the queue for each file.
template <class Measure>
task<std::uint64_t> find_append_place(context& ctx, std::string file, std::string step,
                                      Measure measure) {
    const auto digest = sha256(file);
    const std::string key =
        "append/" + base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
    for (;;) {
        auto asking = ctx.state().get(key);
        const std::optional<state_entry> known = co_await asking;
        const append_notes notes(known ? known->value : json());
        if (const std::optional<std::uint64_t> begun = notes.begin_of(step)) co_return *begun;
        auto measuring = ctx.off_loop(measure);
        const std::uint64_t end = co_await measuring;
        auto noting =
            ctx.state().compare_and_set(key, known ? known->version : 0, notes.with(step, end));
        const bool noted = co_await noting;
        if (noted) co_return end;
    }
}

}  // namespace sdk
}  // namespace sluice
