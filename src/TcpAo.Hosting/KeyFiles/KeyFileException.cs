namespace TcpAo.Hosting.KeyFiles;

/// <summary>A key file was not changed. The message is a sentence for the operator, without a secret.</summary>
public sealed class KeyFileException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">A sentence, with a hint.</param>
    public KeyFileException(KeyFileFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>Creates an exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">A sentence, with a hint.</param>
    /// <param name="innerException">What happened.</param>
    public KeyFileException(KeyFileFailure failure, string message, Exception innerException)
        : base(message, innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public KeyFileFailure Failure { get; }
}
