import OrreryCrypto

/// Tokens of an identity provider that exists in these tests only. Their signatures were made once, with keys that were
/// thrown away afterwards: claims cannot be changed here without breaking them, which is the point of signatures.
enum SignedTokens {
    static let issuer = "https://login.example.org/tenant"
    static let audience = "https://orrery.example.org"

    /// The provider's published keys: the one named "one" signs, the second is shorter than is believed, the third is
    /// for encryption.
    static let keySet = """
        {"keys":[
        {"kty":"RSA","kid":"one","use":"sig","alg":"RS256","e":"AQAB","n":"\
        rbZVgMuqVt3IXEIH5KQuRDLuYijoQ3DXa-j7scaSZxX7uxQMhHpg6qt79EXqfHDh9lqPNjfKJa2dRHUysqUL0UxW6MScKfPh\
        HgnkwSw4Hl5bCVp8ZzbuFsY2zNL5VEG55oDsDFGZ3ety_Qb-aeEcXWXp9KntInIa1Qq42tb_qfiRxHtTwFffBjm5CwfzYT8v\
        oah-BTk1_68pIhTgt4F3rT0Qb2vGOaikeEt-lr5QlqxU9PYGZSowghEwuuIwDPJbjXdkGNEvZ6h1IoXExlHWXPwvxAhmxoWi\
        mDjD8w_-t2jZKffxXap9Sw-uzlXJzz2r8CXrWUJZBEho3ktfozRoFw"},
        {"kty":"RSA","kid":"weak","use":"sig","e":"AQAB","n":"\
        24Bs3EzjgG05c7pFxW15j47Wmyz6-QOGYxuqRj_Ugsnk51I06oyzFEX7B0PfIkNrqYoFW2mgw4bg-kfR828adg_bsQBY_y52\
        7A-kZhkTp7ROyr0nwty4aVXiE2DgNjHO6pc06JQMYnWuto9AYERQaeM1n_D9sY9ingDi3m5k_Ok"},
        {"kty":"RSA","kid":"enc","use":"enc","e":"AQAB","n":"\
        rbZVgMuqVt3IXEIH5KQuRDLuYijoQ3DXa-j7scaSZxX7uxQMhHpg6qt79EXqfHDh9lqPNjfKJa2dRHUysqUL0UxW6MScKfPh\
        HgnkwSw4Hl5bCVp8ZzbuFsY2zNL5VEG55oDsDFGZ3ety_Qb-aeEcXWXp9KntInIa1Qq42tb_qfiRxHtTwFffBjm5CwfzYT8v\
        oah-BTk1_68pIhTgt4F3rT0Qb2vGOaikeEt-lr5QlqxU9PYGZSowghEwuuIwDPJbjXdkGNEvZ6h1IoXExlHWXPwvxAhmxoWi\
        mDjD8w_-t2jZKffxXap9Sw-uzlXJzz2r8CXrWUJZBEho3ktfozRoFw"}
        ]}
        """

    /// The key set after the provider changed its keys: the one named "two".
    static let laterKeySet = """
        {"keys":[{"kty":"RSA","kid":"two","e":"AQAB","n":"\
        4rJFgelFVEKPboEs-vCd8wYKN1klhmkzUfp0bD9Il74mjaMkd9dmhwjsZv4_nyjJL1AvUhE9bG1vrXZEE5O-djQOp921vwbK\
        7t9AewvGVED-Jcx2-huL7VK2uYl1rs4239sCPsxGBebbRja0CxIbIjzeLzWtKreeBTRLVY8ZOY8P26BqDU8EnA3oGWy6TY9E\
        RR-_7aleUxcqk911oMv4xlH28998v8Wc7RidTJGK5pf3vS5SVQg51R2XVefGe8K6YOm9X32K7w4EufZ_OF62uw0KryW_Jhne\
        vG9XH_hefWYCbRD-YgneQVzKApI3h215LGNWZLIvVMm2tiRpaKOR8w"}]}
        """

    /// A token's text from its parts.
    static func token(_ header: String, _ claims: String, _ signature: String) -> String {
        func encoded(_ text: String) -> String {
            Base64.encode(Array(text.utf8)).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        return "\(encoded(header)).\(encoded(claims)).\(signature)"
    }

    static let good = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        DvG75MlEaUzEmEx_mFzbXkt4NsbXd7IwGz01Jm9Q-m6FcMAH8--cQr2Qs09kJurIjYGS0Modowaoh_QuDVrLPbFSugsY3PHf\
        K2-ocfCuHPhfGazZEDTD4Ly5DMf7b8Z1Qu7mNG9A6NXbD5Yfm9y_N9o8O1JGCFFhdQ1mRaz334Weyc02IbYzMw6u1XEs865q\
        rHVDbpIqwNZ83KgL0Ep02YT_7utVm6aglHF0nJSsxnU8FyjvFNbFVXVBW281mIB_U42lAdr6FwrcYsCmJiRzvG2bX6dVJNxm\
        Qce4OqAN5Rlw4z5KFWn0KtHyyv_5Wh3zLnEKDUgTg-teqNDqctQXpA
        """)

    static let goodByOneOfSeveralAudiences = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":["https://other.example.org"\
        ,"https://orrery.example.org"],"oid":"ada","sub":"s-1","nbf":1795217900,"exp":1795221600}
        """,
        """
        TCaeUGcp4vm9_8vHrnll8Ho-fjE_ruhm0Ol-pPe02YYmiIxjJDfrcHJlWRMsW0VRZSI43T-q8zo8tJNUi-1GSBBQmkZyJObJ\
        qyl81rjeeAW0cjJ3jYflAmuRlEIL-GSW4emQsBpjmuXBl6NdqGWUnRVIAiV6oCBxC977Ih5ti85PE-YGd7OOFfCU5IhEfLBz\
        Jhq5lwEMtsVd7JNDiFxF-fY_q300uVPFsLvXw4U1oXXOJYNHwX1gJlt9QJnbO-GlZ7nphNVhJQ6D2Iy6oYeig9S95P3y2GAW\
        iKpR7Ft1TWsxLMz0KlHfQSMjzwaCMqokq8PISh6FsPeFhy9IU6NbIg
        """)

    static let goodBySubject = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        N-FCNm43NYPMwb95QJEJn7nLRHwtLKTl7m3Oo11i4M74OCmQGrMvjwUBfqhk4mUCuubKSEQC0UkLVSu4PT9chU3YChhpDzsA\
        -SY3GmvsxQ1GrqID2CKsOmOhQbMciHYKUkCvyA7m7eEIvOdCJmMVc0cR6mgIOVZRXlyUZVZPW1-qe4Ul6MkAE_a2xxWGsRhL\
        EfpW10ruUes2cHVSgMG6oeObjYnzEXi0e0rELF8UPbUKCz3tTGi6SfM6t3uZ0KbuwsR6JxE9r_02m6JjyTQgLLRb8G6Wdzpk\
        IAkGQFXQVbCyOryiEW0M2Zb9-MkqXXBDxmn3W_aa4aNt33339ETz1g
        """)

    static let justExpired = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795217800}
        """,
        """
        U3BPAEdWyEvMOIuUG0RqK9qoewFZMzG7D29e9Z2gKQZmgRd6qSk7evTRlAxjRiZ3HCi4wiF-NxaZ5U5DKRPU0GRwdCwZCMIL\
        ofiN2XFWGGDXWEDTSihY07Ip6EKYlgjwm9sEYYGYbytlOKZyCEo-SEvvDQx5RxPANaw8iYCwxhes8j11O0M4LOgyDt3k43iK\
        T_Ir504IgIzHgMPt7Gun-IAvkykeOFU_x1SZd6L8Wrkwf2XO3y9uPaSXbWSxG1QjLvSVONrNH0JEzfrwuC1h82mKU1HWFrQT\
        vu2mVwTA8QsleT0_vlQaC3hAHiXHxO6enDxEimMdPai7WCYuVP9Kfw
        """)

    static let longExpired = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795217699}
        """,
        """
        D1cE6c_IGCHHQeLsYSXdDx6rpK3VZS5oZKEkak4OBsaKwHlLBt9yhaBJ1-n9M2aeZJXAUjLgYUBXUC0iWs28S81mK__xKxiM\
        fE51SMcHyWnyQljSjVDtbhYOUXijS6rQlZtSBT-BALti2A90Td5SENvxLHGMhM3tlD0v-6ZBgO3YKyMbMlmr9k_aRJ3VzgkR\
        RrAxw91XY7v6iWB_7UUScp-p_M8539qlAFINj28tB4q1gjbD9WeE7OnDgv4w8SO9EvKwOEufHrx0YUWoBnkuLoN4KjEVcQbE\
        ZlZYoHyqkkiNQjW4c-Hb8uatDzfwoJ87AfmYYLAyA7uI8Ov3FbAPcg
        """)

    static let notYet = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795218301,"exp":1795221600}
        """,
        """
        TlkEjGdBDwfK_41513R5g_MtFr1u8pqmMrJieJZthmX2CGIrGaGMB9TllDAjbf_ojC9VHttRoOGJM-Z8f6qsFmyAANlp-UOZ\
        YleYhWfKHOZN_efT-ZLU4nb4gSyDYqZ9IAlZtZ1yb5FnxdHU7V63WHs7GGZpZyltuTsnKzdW1gDyO_paRrs6m4Wvti_259j8\
        _Xq9sAirUdEUS-F3LTKV7LfoCJ1ABx3Ulz6GGXu0AYsMUM1G3vdEEOOR55rHCfm5ewfiNPyGK0CFrX8EuUV-atYU7YO5pHTx\
        72NJWP0O7KkF8vRv7djEghVtSn7St04g5OWKjNvlehoQnEHLA62Yhw
        """)

    static let soon = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795218200,"exp":1795221600}
        """,
        """
        jbrGkBK9bRnU3MaoXqiS4jsacWOb3D5QpvJvEacINvsGvxxihvbf-hlJQdtYGPB0hQ-scruMv0KpmqMQlViOWk6b3hZVneCk\
        fOgordOLY2YHqYFxbp2vlxdwzzR1XquzbYWJMkh5rbfOMOTXppoVW_7X88w8rgAMJ-ESyb9-TC3d1RGhjp0InusFwG3O6bxY\
        73fbS9c5BG5Bzd3oqNgcwb02uQGMZABrq7npaCFNAlbEFYm-bjsx1_rdDP771lX79j9ZJc6FuSWYcV3bo-cs0wPIJj8wBekU\
        bWnXWNzLt2pRkkpgCGVwdizGTNQrPkyeTMdliGI-MAYS8RYZOr2qyg
        """)

    static let otherIssuer = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant2","aud":"https://orrery.example.org","oid":"ada"\
        ,"sub":"s-1","nbf":1795217900,"exp":1795221600}
        """,
        """
        YY-Mpm9VWyzn20VMMBp3dCDY4C3zSm34DAwZLUHHuwvCl83nJZwf-kqePPIYGYptcSEaO4MJjxdvRH2ce5IONYp9geg4Yf6u\
        BVtE-DaMKrwQD8wWOGgKfb4juoS6NK_S6BjNZ4rVLF_nafiXXqJnLicTEqZTRgCEmGNxD9PYXOi99exlDPQjiyuxI0CkudMa\
        pDJrJMkfdTQWoJorwiyW7mMvtP-bQXZgnUNN6rCboGOALF-40JCbuqRPz8GQq65rORlMtPvgspxdZGYy3Sju87kesEhN1-_J\
        _wAlp4kE_GWGZsWqQ_UmfRHcq9Abq1Bxw8odbuB6XVJmi3gPLwdqyA
        """)

    static let otherAudience = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://other.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        mIUjV61OjPHlVPQ3IRtgAQN994tr5jT25qOJrFw6fOak9rBPySXgBVPPjrv8_CEgEKisd5TY4ObhnCotJA-913IjUmHC6833\
        38HEXfQhnTm3Cq5ds-ycJ6glEP2jh0L-uPP93TOj8maX4F4paNmf8jQL8HvoqV5_-v6KwvWV8N1QfR31QaXncxUPssY3OIH2\
        obc-soWRmZYaJMvcafNVUMhVke2qKyko1JTvplO0kMTJ5odDjtl5zPcCjEcEm-y4txu_6rxw7mss1l5jz1_lgvNyllmz435r\
        _dwIiRU0ekFxB5RaFscdQEqZz9mxTf3I0dOstyeT5ePtTmTFuCz19A
        """)

    static let withoutAudience = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","oid":"ada","sub":"s-1","nbf":1795217900,"exp":1795221600}
        """,
        """
        RitlixH-dSPC2OfAyW_nDvy8JWKgI4Ix3n4YtLkM9ABYXumGSY4uTd-SH-aBnuBZkMtRB8DnVT83Yl1vQYf6UNqLP3mZKj09\
        SPY7ptmHZNMsTdNB0V6MBIZUGNVEVrRFNIU09wsa9SYNFt_F3X2py99FC9k1X_5dSpmW6Y99DHv4Q7tqojIRnfLuPI-VlrYO\
        y8w-bbgJd3W426uS9GKoXhPfAG-Zf2nxcgp84J2eRrjC38TmAE_wXh4TZi0uqKhtE3I2KEot-VQbg_0U6svfWnkJtMpl731K\
        kuxMI8fRvOwYLJ1wjhUAcTE7d6j8EJfIYhZLEA-NuTnwMRNyKFQUEQ
        """)

    static let withoutExpiry = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900}
        """,
        """
        AAmnhVulug9tE16-WqZBNUelGud-NLvAlh7yxszjXn7qnQh0JNLb8uw8ISrhmPi2ROPRRkKpQFNJzQ7j_5l8QFBgj8GU2SHP\
        xGaXywyQrnRm8X0jPRU3OTD7N7g3zSSFmd9RAV1EWsxCKqXIN1uJ-WGd0VRhteQ5sKq1ylfWGqrqgGUj6KXoPpWoFPl4qPFi\
        V13M4snb6diQ730iZ6XN9MJvup8fWS_A8U1hkdV0QGE6zAgEDTkJCrBbbhIAe_to9IMsdDfmfyoD0Eik3qe8fH3CgtTXHo4c\
        xf8AXmjQifY7S9ntdwYzxZNWrvHQl8iyqmH0kzKTU4xTPw9Eq4pAHQ
        """)

    static let withoutPrincipal = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","nbf":1795217900\
        ,"exp":1795221600}
        """,
        """
        QAjp98jFBfsbHShOp9pRy_kOMbAEc4fhmKh9uVBCHsuDX5U9nrAH-9ZA1rdfzuHYv07UkkFxfah_zVJBunFRQ-fN0teH49gN\
        b9hE-xQ30WxAk5cujT-_MIsDBJfHtboF26Ei_oFLAtTvyB2BaqceH_TTHCfE9riAawTNhkamp-61ITOOeqftjCChAHKV_ZS7\
        PICiOlyEA5xtKMQlZEHboah5x_7gBgPGYWMJlFRiu81SyDI5AFwg7VK5LRdgH04_HWbmTUsRvvOKzcs5AwozJc0Lj2G-0_IN\
        uzbgaIJSf4XmLDxXx6dpMWJtq6TxO2AaMq5AqeQzsQvA-5Gqj9qzPA
        """)

    static let unknownKey = token(
        #"{"typ":"JWT","alg":"RS256","kid":"two"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        Nd_unrUnwZVhhBQJ6iSq8g5R45C2nse5nLUNCnPTJSbwj7OvDCJ6CwBEEcVGHX1oA849rcrQPtgvUtgw2BlQUJ9jSreBQqBI\
        IDq9ehD94NC0uqcveac2Y6qcilGQfJWq73FFzE5B3yrLqY6awVJNVQEzTMKXcVKtc5aZjbROvCUpqEUWK8KTbscLD_DWpBGQ\
        x6kw8qOpzXyl7m5zxRwe39NKyrzysPYVirYwH7HsXhf8ycglSmXgHK9Soy7WvbOZEWp-jyKxl_LQ-7N4IahMihS3dWpnckAw\
        gpbKy9tXaK-kRSwr5KjIh-ZDjWGjQSbxVjQf5FNkN7dvDZWk4d9VAA
        """)

    static let signedByAnother = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        ivCzPX97GzJatMULvF7uX-0h0Pxypy3JWtK3C6lleYTXHSFkve198XejS5A6JL-D9O34lS2WdI3nLiChFUgKj05KvG-0DU0Y\
        1_1wI_380_0_0KZudlhTW7ta4-jnLm3i3kYx9qQ7F5-RpFQCc5_sWwTiscHRnElBJybcbhiKDZHvPRgzj9pWn-4dTfSe164s\
        sTiGGvIftmTZ2nN-j1GJ2SBTlfemtiv-uMiqQaDKCIQKe_LQoIIYhhHa-8k2bquJhGiKzVkTqpLwch54edbd6Sezcfe1qd-c\
        hz5mgIOAFgG0Qh48IGvd1cgc_Qlvn33ooTymhuomCWWmlrvYOxBcWw
        """)

    static let critical = token(
        #"{"typ":"JWT","alg":"RS256","kid":"one","crit":["x"],"x":1}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        lvNVlb16EHQJDtb5htQCZ0xFxMQ32D4aWUHgF6LYw6yjPEnrpvmRO2HvtMsGHNuivS8LhzLjYddpJM_M_mrj270xFV_LAWhS\
        Mz2YTDaK7C0kEoZg1bVeZyGGsNN8ZYSaZ69Ndl1h_anNiLLTaO_nlL_i-GdzdN2DQjuQKPfqYSc7mrbKmRVqXedPdV5L1NVF\
        mhhK16EtQR_f3AqvdL6_w_hT3pXO2P-jSrNs2AmAU3-0RA3Pv5H4m27jNZeCWoCpyZZH07Y1Vp3-nkpLs1tlHQDaRawPdTWa\
        _Gq99aZgLkBFW5wGCn4y-msEH-pg1tsm_CKLwvCObmI_xPzAYt4TwA
        """)

    static let otherAlgorithm = token(
        #"{"typ":"JWT","alg":"RS512","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        JAwFgtH6ieXq9ddWelYf21Fg0FqD0e5kMLjlN1SSbyEKApRXtU4EXORn4fPL8gObYpe4sk92P4yzQgpWTp6Lajz_O2AFVpun\
        PJEpDQgIVInATaKRYviS7mwH-C4amnl17VtMVPx_xMOUo8luBu5qX570kxyMFH18DMRj9NlOjIfMJAvqzop3eofVAKfkIqO7\
        HgR0vIwFruA4flysZ6Pwv33qogCPK5U8I2DIlO0LyTnmJh-6CYn2Gy5LTXNOgPvTFeqRdhcF9o5Fkt2YiTgF9QFDU-GsAr-b\
        a9PeZmg1qHRcJyWXPGLAiK47rI0LD7bj7jV-o07l9PkF-UolfaJ6Jg
        """)

    static let none = token(
        #"{"typ":"JWT","alg":"none","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        
        """)

    static let takenForASecret = token(
        #"{"typ":"JWT","alg":"HS256","kid":"one"}"#,
        """
        {"iss":"https://login.example.org/tenant","aud":"https://orrery.example.org","oid":"ada","sub":"s-1"\
        ,"nbf":1795217900,"exp":1795221600}
        """,
        """
        zbCxQkpZiysXKGDx3UXFmTZYwC7OSjaFmtejRO2wDxA
        """)
}
