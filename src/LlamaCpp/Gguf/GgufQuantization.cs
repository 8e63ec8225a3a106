namespace Connector.LlamaCpp;

/// <summary>
/// What <see cref="GgufFile.QuantizeAsync"/> turns weights into. The names are llama.cpp's without their underscores, so
/// <c>Enum.Parse</c> reads those once the underscores are taken out.
/// </summary>
public enum GgufQuantization
{
    /// <summary>32-bit floating point.</summary>
    F32 = 0,

    /// <summary>16-bit floating point.</summary>
    F16 = 1,

    /// <summary>Q4_0: 4.5 bits a weight; what repacked CPU kernels like best.</summary>
    Q40 = 2,

    /// <summary>Q4_1: 5 bits a weight.</summary>
    Q41 = 3,

    /// <summary>Q8_0: 8.5 bits a weight, nearly without loss.</summary>
    Q80 = 7,

    /// <summary>Q5_0: 5.5 bits a weight.</summary>
    Q50 = 8,

    /// <summary>Q5_1: 6 bits a weight.</summary>
    Q51 = 9,

    /// <summary>Q2_K.</summary>
    Q2K = 10,

    /// <summary>Q3_K_S.</summary>
    Q3KS = 11,

    /// <summary>Q3_K_M.</summary>
    Q3KM = 12,

    /// <summary>Q3_K_L.</summary>
    Q3KL = 13,

    /// <summary>Q4_K_S.</summary>
    Q4KS = 14,

    /// <summary>Q4_K_M: about 4.8 bits a weight; what most people run.</summary>
    Q4KM = 15,

    /// <summary>Q5_K_S.</summary>
    Q5KS = 16,

    /// <summary>Q5_K_M.</summary>
    Q5KM = 17,

    /// <summary>Q6_K.</summary>
    Q6K = 18,

    /// <summary>IQ4_NL.</summary>
    IQ4NL = 25,

    /// <summary>IQ4_XS.</summary>
    IQ4XS = 30,

    /// <summary>16-bit brain floating point.</summary>
    BF16 = 32,
}
