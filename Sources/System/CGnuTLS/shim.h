#include <gnutls/gnutls.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <gnutls/abstract.h>

// The library's own `gnutls_free` is a variable that holds a function, which Swift cannot call safely.
static inline void orrery_gnutls_free(void *pointer)
{
    gnutls_free(pointer);
}
