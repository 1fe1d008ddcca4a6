/* Where every member of the ABI's structs stands on 64-bit machines: ABI 1.0, frozen. A change that
 * moves a member breaks every connector that exists, and does not compile. Appending a member adds
 * lines here and changes the size of its struct; nothing else may change. 1.0.abi.json says the
 * same with the declarations, for golden.py. Included by layout.c and layout.cpp. */
#include <sluice/abi.h>

#ifdef __cplusplus
#define SLUICE_ASSERT(condition) static_assert(condition, #condition)
#else
#define SLUICE_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define SLUICE_SIZE(type, bytes) SLUICE_ASSERT(sizeof(type) == (bytes))
#define SLUICE_AT(type, member, offset) SLUICE_ASSERT(offsetof(type, member) == (offset))

SLUICE_SIZE(void*, 8);
SLUICE_SIZE(size_t, 8);
SLUICE_SIZE(sluice_code, 4);

SLUICE_SIZE(sluice_str, 16);
SLUICE_AT(sluice_str, data, 0);
SLUICE_AT(sluice_str, size, 8);

SLUICE_SIZE(sluice_error, 48);
SLUICE_AT(sluice_error, size, 0);
SLUICE_AT(sluice_error, code, 4);
SLUICE_AT(sluice_error, retry_after_ms, 8);
SLUICE_AT(sluice_error, http_status, 12);
SLUICE_AT(sluice_error, message, 16);
SLUICE_AT(sluice_error, details_json, 32);

SLUICE_SIZE(sluice_request, 72);
SLUICE_AT(sluice_request, size, 0);
SLUICE_AT(sluice_request, attempt, 4);
SLUICE_AT(sluice_request, input_json, 8);
SLUICE_AT(sluice_request, connection_json, 24);
SLUICE_AT(sluice_request, idempotency_key, 40);
SLUICE_AT(sluice_request, deadline_unix_ms, 56);
SLUICE_AT(sluice_request, slot, 64);

SLUICE_SIZE(sluice_host, 56);
SLUICE_AT(sluice_host, size, 0);
SLUICE_AT(sluice_host, abi_minor, 4);
SLUICE_AT(sluice_host, impl, 8);
SLUICE_AT(sluice_host, service, 16);
SLUICE_AT(sluice_host, complete, 24);
SLUICE_AT(sluice_host, fail, 32);
SLUICE_AT(sluice_host, post, 40);
SLUICE_AT(sluice_host, log, 48);

SLUICE_SIZE(sluice_http_request, 88);
SLUICE_AT(sluice_http_request, size, 0);
SLUICE_AT(sluice_http_request, timeout_ms, 4);
SLUICE_AT(sluice_http_request, method, 8);
SLUICE_AT(sluice_http_request, url, 24);
SLUICE_AT(sluice_http_request, headers, 40);
SLUICE_AT(sluice_http_request, body, 56);
SLUICE_AT(sluice_http_request, body_blob, 72);
SLUICE_AT(sluice_http_request, flags, 80);
SLUICE_AT(sluice_http_request, reserved, 84);

SLUICE_SIZE(sluice_http_response, 48);
SLUICE_AT(sluice_http_response, size, 0);
SLUICE_AT(sluice_http_response, status, 4);
SLUICE_AT(sluice_http_response, headers, 8);
SLUICE_AT(sluice_http_response, body, 24);
SLUICE_AT(sluice_http_response, body_blob, 40);

/* Services: frozen, so their size never changes under the same number. */
SLUICE_SIZE(sluice_http_1, 16);
SLUICE_AT(sluice_http_1, send, 0);
SLUICE_AT(sluice_http_1, cancel, 8);

SLUICE_SIZE(sluice_blob_1, 72);
SLUICE_AT(sluice_blob_1, create, 0);
SLUICE_AT(sluice_blob_1, find, 8);
SLUICE_AT(sluice_blob_1, id, 16);
SLUICE_AT(sluice_blob_1, length, 24);
SLUICE_AT(sluice_blob_1, read, 32);
SLUICE_AT(sluice_blob_1, write, 40);
SLUICE_AT(sluice_blob_1, seal, 48);
SLUICE_AT(sluice_blob_1, retain, 56);
SLUICE_AT(sluice_blob_1, release, 64);

SLUICE_SIZE(sluice_state_1, 32);
SLUICE_AT(sluice_state_1, get, 0);
SLUICE_AT(sluice_state_1, set, 8);
SLUICE_AT(sluice_state_1, compare_and_set, 16);
SLUICE_AT(sluice_state_1, remove, 24);

SLUICE_SIZE(sluice_work_1, 8);
SLUICE_AT(sluice_work_1, run, 0);

SLUICE_SIZE(sluice_timer_1, 16);
SLUICE_AT(sluice_timer_1, after, 0);
SLUICE_AT(sluice_timer_1, cancel, 8);

SLUICE_SIZE(sluice_clock_1, 8);
SLUICE_AT(sluice_clock_1, unix_ms, 0);

SLUICE_SIZE(sluice_session_1, 16);
SLUICE_AT(sluice_session_1, take, 0);
SLUICE_AT(sluice_session_1, keep, 8);

SLUICE_SIZE(sluice_action, 24);
SLUICE_AT(sluice_action, id, 0);
SLUICE_AT(sluice_action, flags, 8);
SLUICE_AT(sluice_action, reserved, 12);
SLUICE_AT(sluice_action, start, 16);

SLUICE_SIZE(sluice_connector, 56);
SLUICE_AT(sluice_connector, size, 0);
SLUICE_AT(sluice_connector, abi_minor, 4);
SLUICE_AT(sluice_connector, action_count, 8);
SLUICE_AT(sluice_connector, action_size, 12);
SLUICE_AT(sluice_connector, actions, 16);
SLUICE_AT(sluice_connector, id, 24);
SLUICE_AT(sluice_connector, open, 32);
SLUICE_AT(sluice_connector, close, 40);
SLUICE_AT(sluice_connector, cancel, 48);

/* Numbers that are written into files and journals. */
SLUICE_ASSERT(SLUICE_OK == 0u && SLUICE_INVALID_INPUT == 1u && SLUICE_AUTH == 2u);
SLUICE_ASSERT(SLUICE_NOT_FOUND == 3u && SLUICE_CONFLICT == 4u && SLUICE_RATE_LIMITED == 5u);
SLUICE_ASSERT(SLUICE_UNAVAILABLE == 6u && SLUICE_TIMEOUT == 7u && SLUICE_CANCELLED == 8u);
SLUICE_ASSERT(SLUICE_UNSUPPORTED == 9u && SLUICE_INTERNAL == 10u);
SLUICE_ASSERT(SLUICE_LOG_DEBUG == 0u && SLUICE_LOG_INFO == 1u);
SLUICE_ASSERT(SLUICE_LOG_WARNING == 2u && SLUICE_LOG_ERROR == 3u);
SLUICE_ASSERT(SLUICE_HTTP_FOLLOW_REDIRECTS == 1u && SLUICE_HTTP_BODY_TO_BLOB == 2u);
SLUICE_ASSERT(SLUICE_ACTION_BLOCKING == 1u);
