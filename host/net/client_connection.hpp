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
#include "net/outgoing_body.hpp"
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
    // One request and what is wanted of its answer.
    struct exchange_plan {
        std::string wire;                     // the head, and a body that is whole in memory
        std::shared_ptr<outgoing_body> body;  // what follows it; may be null
        response_reader::limits limits;
        bool to_head = false;
        std::uint64_t whole_bytes = 0;     // of an answer's body in memory
        std::uint64_t streamed_bytes = 0;  // of one that goes into a sink
        std::function<std::shared_ptr<body_sink>(const client_response&)> choose_sink;
        std::int64_t stall_ms = 0;
    };
    using opened_function = std::function<void(base::result<void>)>;
    using outcome_function = std::function<void(outcome)>;

    // `peer` names it in messages: "https://host:443".
    client_connection(io_loop& loop, std::unique_ptr<transport> stream, std::string peer);

    // Tries the addresses in order, `connect_ms` for each, TLS included.
    void open(std::vector<ip_address> addresses, std::uint16_t port, std::int64_t connect_ms,
              opened_function done);
    // After open, and again after each reusable outcome.
    void exchange(exchange_plan plan, outcome_function done);
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
    void on_piece(base::result<std::string> piece);
    void consume();  // works on what has been read until more is needed
    void take_head();
    void store(std::string bytes);
    void finish_sink();
    void answer_is_complete();
    void fail(base::error why);
    void watch_silence();
    void finish(outcome result);
    // Runs `member` with a later result, unless this exchange is over by then.
    template <class Result>
    std::function<void(Result)> later(void (client_connection::*member)(Result));
    void on_stored(base::result<void> stored);
    void on_sink_finished(base::result<void> stored);

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

    exchange_plan plan_;
    std::uint64_t exchanges_ = 0;
    std::string wire_;  // what is being written; then the next piece of the body
    std::size_t written_ = 0;
    bool wrote_ = false;  // something of the request may have reached the peer
    bool writing_ = false;
    bool fetching_ = false;  // the source owes the next piece
    std::shared_ptr<body_sink> sink_;
    bool storing_ = false;  // the sink is at work: nothing is read meanwhile
    bool ended_ = false;    // the peer will send no more
    std::int64_t moved_ms_ = 0;
    base::event_loop::timer_id silence_timer_ = 0;
    std::unique_ptr<response_reader> reader_;
    outcome_function done_;
    std::function<void()> closed_;

    bool reading_ = false;  // a read is under way: in_ must stay where it is
    bool heard_ = false;    // a byte of this exchange's answer came
    std::string in_;        // bytes [0, end_) are read and not consumed
    std::size_t end_ = 0;
};

}  // namespace sluice::net
