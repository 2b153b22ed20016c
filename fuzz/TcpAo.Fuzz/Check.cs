using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TcpAo.Fuzz;

/// <summary>Promises that targets check.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool holds, [CallerArgumentExpression(nameof(holds))] string promise = "")
    {
        if (!holds)
        {
            throw new FuzzFailureException($"broken: {promise}");
        }
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string promise = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new FuzzFailureException($"{promise} is {actual}, and {expected} was expected");
        }
    }

    public static void Equal(byte[] expected, byte[] actual, [CallerArgumentExpression(nameof(actual))] string promise = "") =>
        Equal(expected.AsSpan(), actual.AsSpan(), promise);

    public static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, [CallerArgumentExpression(nameof(actual))] string promise = "")
    {
        if (!expected.SequenceEqual(actual))
        {
            throw new FuzzFailureException($"{promise} is {Convert.ToHexStringLower(actual)}, and {Convert.ToHexStringLower(expected)} was expected");
        }
    }
}
