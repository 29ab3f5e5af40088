#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

// Swift does not import variadic functions, so setting an option is given one function for each kind of value.

static inline CURLcode
orrery_curl_set_number(CURL *handle, CURLoption option, long value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode
orrery_curl_set_size(CURL *handle, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode
orrery_curl_set_pointer(CURL *handle, CURLoption option, const void *value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode
orrery_curl_set_reader(CURL *handle, CURLoption option, curl_write_callback reader)
{
    return curl_easy_setopt(handle, option, reader);
}

static inline CURLcode
orrery_curl_set_socket_opener(CURL *handle, curl_opensocket_callback opener)
{
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, opener);
}

static inline CURLMcode
orrery_curl_multi_set_number(CURLM *handle, CURLMoption option, long value)
{
    return curl_multi_setopt(handle, option, value);
}

static inline CURLcode
orrery_curl_message_result(const CURLMsg *message)
{
    return message->data.result;
}
