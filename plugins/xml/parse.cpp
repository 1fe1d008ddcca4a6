#include <sluice/content.hpp>
#include <sluice/option.hpp>
#include <utility>

#include "document_reader.hpp"
#include "element_builder.hpp"
#include "xml.hpp"

namespace xml {

using sluice::content;
using sluice::failure;

namespace {

constexpr std::int64_t usual_bytes = 4 << 20;
constexpr std::int64_t largest_bytes = 6 << 20;  // as JSON at most 16 MiB
constexpr std::size_t largest_result = 16 << 20;
constexpr std::size_t piece_bytes = 64 * 1024;

class whole_document final : public document_handler {
  public:
    explicit whole_document(const reading_options& options) : scope_(options), builder_(options) {}

    void start_element(std::string_view name, attribute_list attributes) override {
        scope_.enter(attributes);
        count(builder_.start(scope_.element_name(name), attributes, scope_));
    }
    void end_element() override {
        scope_.leave();
        builder_.end();
    }
    void text(std::string_view bytes) override {
        count(bytes.size());
        builder_.add_text(bytes);
    }
    element_builder& builder() { return builder_; }

  private:
    // A name is short in the document and long when its namespace stands in it.
    void count(std::size_t bytes) {
        made_bytes_ += bytes;
        if (made_bytes_ <= largest_result) return;
        throw failure(SLUICE_INVALID_INPUT,
                      "the document has more than 16 MiB as JSON: give short 'prefixes', or read "
                      "its records with parseItems");
    }

    namespaces scope_;
    element_builder builder_;
    std::size_t made_bytes_ = 0;
};

}  // namespace

task<json> connector::parse(context& ctx, const json& input) {
    const reading_options options = read_options(input);
    const content source = content::of(ctx, input);
    const std::int64_t most = sluice::int_option(input, "maxBytes", usual_bytes, 1, largest_bytes);
    if (source.size() > static_cast<std::uint64_t>(most)) {
        throw failure(SLUICE_INVALID_INPUT, "the document has more than " + std::to_string(most) +
                                                " bytes: read its records with parseItems");
    }
    whole_document document(options);
    // Text of the input is JSON's: UTF-8, whatever its declaration says.
    document_reader reader(document, options, input["file"].is_null() ? "UTF-8" : "",
                           static_cast<std::size_t>(most));
    for (std::uint64_t offset = 0;;) {
        task<std::string> reading = source.read(offset, piece_bytes);
        const std::string piece = co_await reading;
        offset += piece.size();
        const bool last = piece.empty() || offset >= source.size();
        reader.feed(piece, last);
        if (last) break;
    }
    const std::string name = document.builder().name();
    json value = document.builder().take();
    if (options.lists.contains(name)) value = json::array({std::move(value)});
    co_return json{{"root", name}, {"document", json{{name, std::move(value)}}}};
}

}  // namespace xml
