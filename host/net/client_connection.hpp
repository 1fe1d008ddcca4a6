// One connection to a third party: opens, carries one exchange at a time, rests in between.
// Internal to this module; loop's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/ip_address.hpp"
#include "net/response_reader.hpp"
#include "net/transport.hpp"

namespace sluice::net {

class client_connection final : public transport_user,
                                public std::enable_shared_from_this<client_connection> {
  public:
    struct outcome {
        base::result<client_response> answer;
        bool reusable = false;
        // The peer closed before any byte of an answer came.
        bool stale = false;
        bool wrote = false;  // something of the request may have reached the peer
    };
    using opened_function = std::function<void(base::result<void>)>;
    using outcome_function = std::function<void(outcome)>;

    // `peer` names it in messages: "https://host:443".
    client_connection(io_loop& loop, std::unique_ptr<transport> stream, std::string peer);

    // Tries the addresses in order, `connect_ms` for each, TLS included.
    void open(std::vector<ip_address> addresses, std::uint16_t port, std::int64_t connect_ms,
              opened_function done);
    // After open, and again after each reusable outcome. `wire` is the whole request.
    void exchange(std::string wire, const response_reader::limits& limits, bool to_head,
                  outcome_function done);
    // Waits for nothing; `closed` runs when the peer ends the connection or speaks unasked.
    void rest(std::function<void()> closed);
    // Callbacks that have not run will not run.
    void close();

    bool looks_open() { return stream_ && stream_->looks_open(); }
    std::int64_t opened_ms() const { return opened_ms_; }
    std::int64_t rested_ms() const { return rested_ms_; }

    void on_open(boost::system::error_code problem) override;
    void on_read(boost::system::error_code problem, std::size_t bytes) override;
    void on_written(boost::system::error_code problem, std::size_t bytes) override;

  private:
    enum class phase { fresh, connecting, greeting, ready, exchanging, resting, closed };

    void try_next_address();
    void open_failed(base::error_code code, const std::string& reason);
    void read_more();
    void write_rest();
    void check_answer(bool ended);
    void finish(outcome result);

    io_loop& loop_;
    std::unique_ptr<transport> stream_;
    const std::string peer_;
    phase phase_ = phase::fresh;

    std::vector<ip_address> addresses_;
    std::size_t tried_ = 0;
    std::uint16_t port_ = 0;
    std::int64_t connect_ms_ = 0;
    base::event_loop::timer_id connect_timer_ = 0;
    bool connect_timed_out_ = false;
    opened_function opened_;
    std::int64_t opened_ms_ = 0;
    std::int64_t rested_ms_ = 0;

    std::string wire_;
    std::size_t written_ = 0;
    bool writing_ = false;
    std::unique_ptr<response_reader> reader_;
    outcome_function done_;
    std::function<void()> closed_;

    bool reading_ = false;  // a read is under way: in_ must stay where it is
    bool heard_ = false;    // a byte of this exchange's answer came
    std::string in_;        // bytes [0, end_) are read and not consumed
    std::size_t end_ = 0;
};

}  // namespace sluice::net
