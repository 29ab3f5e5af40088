/// Tokens of an identity provider that exists in tests only, whose keys were thrown away when these were made. All
/// claim the same: issuer `https://login.example.org/`, audiences `loads` and `other`, subject `ada`, good until one
/// hour after ``nowSeconds``.
public enum SampleTokens {
    /// 20 November 2026, 23:40.
    public static let nowSeconds: Int64 = 1_795_218_000

    /// The provider's published keys: `r` for RS256 and `e` for ES256.
    public static let keySet = """
        {"keys":[{"kty":"RSA","kid":"r","use":"sig","alg":"RS256","n":"uVdbxFGlrdt_8iQgih9tCbhfaN7aHe6-M\
        Selk46vglhEbmF6hJ0kyUoe7b3ZnAHj0dlw3ANqAsD4O-7aUXK--7l8fbrIiIGOCh_LQXblcM0Rfr44Dx4502SypeiCMtIXX\
        2NIBhYiQlxmI3RRvkaxjVMWQtkAgsu9IEeYU01VA-svCo-lrjuWSFg2TKj3p88pCAUdW_jpGKon-_iYM_kWUX-lqdjYROSWJ\
        -vskL__UvF8AjXe9hTGgAEC-ke6anpAE9pTkh32wbBXtDnVf8K_CEd65H-1Nm5WjJgDJLg2yt8yDIOpBPOdzGjDd_Ppz8Raf\
        M-GWB3Phd6hbIBiRpWThQ","e":"AQAB"},{"kty":"EC","kid":"e","use":"sig","crv":"P-256","x":"awOMzMV7\
        1iSmOSO7o6KZOW0uSptKmrQ0Oxtgnsr9N0k","y":"kXhT2c9xj21P4_eh_5DTOnyMkzxNeSenbgcZ6HJqnKw"}]}
        """

    /// Signed with `r`.
    public static let rs256 = """
        eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnLyIsImF1ZCI6WyJsb\
        2FkcyIsIm90aGVyIl0sInN1YiI6ImFkYSIsImV4cCI6MTc5NTIyMTYwMCwibmJmIjoxNzk1MjE3MDAwLCJzY29wZSI6InJlY\
        WQgd3JpdGUiLCJ0ZW5hbnQiOiJub3J0aCJ9.WIn2J58ikhjWKut_vwBSbvB5su7qLMbYrjNQNPNJjkM9Zp8PKSsbhu886QnJ\
        -RuCfoXOr0mtpSJw2BI7DLG2fcC2xbtLsZGVwBYL9NQdHByLi-S9cU5l1lNf_OoZ_5ZK6JZy91z_Miwad95ii7B-sTMUE3MB\
        8SQZrrxZ68hepuIJ4jpHTa6cT1dFaCk9Ro8aAnG1zf7ZWKeUMsaCCByB0lZV16SYG-CErKotmamauKR7YcWAMPekJUwPYAU1\
        PDCOIRRnkOVdS86_NBCfpdM_vCFxzXVbsoNwX0Yi7nYYcR6pha2tVc3jsd5HkfXlrtskkk5G3EdTOiv54--hdFsh5w
        """

    /// Signed with `e`.
    public static let es256 = """
        eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmV4YW1wbGUub3JnLyIsImF1ZCI6WyJsb\
        2FkcyIsIm90aGVyIl0sInN1YiI6ImFkYSIsImV4cCI6MTc5NTIyMTYwMCwibmJmIjoxNzk1MjE3MDAwLCJzY29wZSI6InJlY\
        WQgd3JpdGUiLCJ0ZW5hbnQiOiJub3J0aCJ9.-_pJyiHKcFu4PAk2lsa2IjIIYBEvR55-RcnLkLDgwohDLIHFLOAErpa7Bm6X\
        M_mp07X6rsGSWvZ3eoaCtGrwvw
        """
}
