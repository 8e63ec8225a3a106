using System.Security.Cryptography;

namespace Connector.LlamaCpp;

/// <summary>
/// Tells models apart whose caches must not be mixed up: a hash over samples of the weights, so that two trainings of
/// the same shape differ and a copy of the file does not.
/// </summary>
internal static class ModelFingerprint
{
    private const int Samples = 32;
    private const int SampleBytes = 4096;

    public static string Compute(GgufFile file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[SampleBytes];
        var step = Math.Max(1, file.Tensors.Length / Samples);
        foreach (var part in file.Tensors.Where((_, index) => index % step == 0).GroupBy(tensor => tensor.Path, StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(part.Key);
            foreach (var tensor in part)
            {
                var length = (int)Math.Min(SampleBytes, tensor.Length);
                stream.Position = tensor.Offset + ((tensor.Length - length) / 2);
                stream.ReadExactly(buffer, 0, length);
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(tensor.Name));
                hash.AppendData(buffer, 0, length);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
